#include "projections/trail/event_reader.h"

#include <optional>

#include "projections/engine/cursor.h"

namespace jalon::projections {

using eventstore::EntryFrame;

Result<EventView> EventReader::Read(const EventPlace& place) {
  if (record_.bytes == nullptr || record_.offset != place.offset) {
    JALON_RETURN_IF_ERROR(ReadRecord(place.offset));
  }
  JALON_ASSIGN_OR_RETURN(const EntryFrame frame, eventstore::ReadFrame(*record_.bytes));
  std::optional<EventView> found;
  if (frame.kind == EntryFrame::Kind::kRecord && frame.seq == place.seq) {
    ForEachEvent(frame, record_.offset, [&](const EventView& event) {
      if (event.index == place.index) found = event;
      return !found.has_value();
    });
  }
  if (!found) return NotThere(place.offset);
  return *found;
}

Result<void> EventReader::ReadRecord(Offset offset) {
  JALON_ASSIGN_OR_RETURN(const auto read, log_.ReadFrom(partition_, offset, {.entries = 1}));
  if (read.empty() || read[0].offset != offset) return NotThere(offset);
  record_ = read[0];
  return {};
}

std::unexpected<Error> EventReader::NotThere(Offset offset) const {
  return Stopped(partition_, offset, "is not the record that was counted there");
}

}  // namespace jalon::projections
