#include "projections/engine/cursor.h"

#include <fmt/format.h>

namespace jalon::projections {
namespace {

using eventstore::EntryFrame;
using eventstore::Fate;
using log::v1::Event;
using log::v1::Genesis;

std::unexpected<Error> TooNew(Partition partition, Offset offset) {
  return Fail(Code::kFailedPrecondition, "UNSUPPORTED",
              fmt::format("partition {}: the entry at offset {} was written for a newer version: "
                          "upgrade this node",
                          partition.value, offset.value));
}

// Folds the events of the record. What is wrong with it, if one is malformed or unknown, or is
// refused by a fold; otherwise null.
const char* FoldRecord(const EntryFrame& frame, Offset offset, const ViewSet& views,
                       std::span<ViewRows* const> rows, uint32_t* events) {
  const char* wrong = nullptr;
  const bool whole = ForEachEvent(frame, offset, [&](const EventView& event) {
    ++*events;
    if (!views.Knows(event.type)) return false;
    for (const uint16_t view : views.Wanting(event.type)) {
      if (rows[view] == nullptr) continue;
      views[view].Fold(event, *rows[view]);
      wrong = rows[view]->refused();
      if (wrong != nullptr) return false;
    }
    return true;
  });
  if (whole) return nullptr;
  return wrong != nullptr ? wrong : "holds an event that is malformed or unknown";
}

bool ReadIncarnation(std::string_view genesis, Bytes* incarnation) {
  wire::Reader reader(genesis);
  for (wire::Field field; reader.Next(&field);) {
    if (field.Is(Genesis::kLogIncarnationFieldNumber, wire::Type::kBytes))
      *incarnation = field.bytes;
  }
  return reader.ok();
}

}  // namespace

std::unexpected<Error> Stopped(Partition partition, Offset offset, std::string_view what) {
  return Fail(
      Code::kDataLoss, "PARTITION_DIVERGED",
      fmt::format("partition {}: the entry at offset {} {}; nothing is read beyond it: run 'jalon "
                  "log verify', and restore the log from a backup",
                  partition.value, offset.value, what));
}

bool ReadEvent(std::string_view bytes, EventView* event) {
  wire::Reader reader(bytes);
  for (wire::Field field; reader.Next(&field);) {
    switch (field.id) {
      case Event::kTenantFieldNumber:
        event->tenant = field.bytes;
        break;
      case Event::kTypeFieldNumber:
        event->type = field.U32();
        break;
      case Event::kAggregateKindFieldNumber:
        event->aggregate_kind = field.U32();
        break;
      case Event::kAggregateFieldNumber:
        event->aggregate = field.bytes;
        break;
      case Event::kVersionFieldNumber:
        event->version = field.number;
        break;
      case Event::kSubjectFieldNumber:
        event->subject = field.bytes;
        break;
      case Event::kOccurredOnFieldNumber:
        event->occurred_on = field.U32();
        break;
      case Event::kActorFieldNumber:
        event->actor = field.bytes;
        break;
      case Event::kTrailFieldNumber:
        event->is_leaf = true;
        break;
      case Event::kPayloadFieldNumber:
        event->payload = field.bytes;
        break;
      default:
        break;
    }
  }
  return reader.ok() && !event->tenant.empty();
}

Result<std::optional<EntryFrame>> CountEntry(Cursor& cursor, Partition partition, Offset offset,
                                             std::string_view bytes) {
  JALON_ASSIGN_OR_RETURN(const EntryFrame frame, eventstore::ReadFrame(bytes));
  switch (eventstore::Classify(cursor.head, offset, frame, bytes)) {
    case Fate::kVoid:
      return std::nullopt;
    case Fate::kDiverged:
      return Stopped(partition, offset, "does not follow the one before");
    case Fate::kTooNew:
      return TooNew(partition, offset);
    case Fate::kCounted:
      break;
  }
  if (frame.kind == EntryFrame::Kind::kRecord) cursor.recorded_at = frame.recorded_at;
  if (frame.kind == EntryFrame::Kind::kGenesis &&
      !ReadIncarnation(frame.body, &cursor.log_incarnation)) {
    return Stopped(partition, offset, "is a malformed genesis");
  }
  return frame;
}

Result<Step> FoldEntry(Cursor& cursor, Partition partition, Offset offset, std::string_view bytes,
                       const ViewSet& views, std::span<ViewRows* const> rows) {
  JALON_ASSIGN_OR_RETURN(const std::optional<EntryFrame> frame,
                         CountEntry(cursor, partition, offset, bytes));
  Step step{.counted = frame.has_value()};
  if (!frame || frame->kind != EntryFrame::Kind::kRecord) return step;
  const char* wrong = FoldRecord(*frame, offset, views, rows, &step.events);
  if (wrong != nullptr) return Stopped(partition, offset, wrong);
  return step;
}

}  // namespace jalon::projections
