#include "projections/trail/export.h"

#include <algorithm>
#include <vector>

#include "eventstore/base/archive.h"
#include "eventstore/trail/export_writer.h"
#include "projections/engine/cursor.h"
#include "projections/views/trails.h"

namespace jalon::projections {
namespace {

using eventstore::EntryFrame;

constexpr size_t kPositionsPerPage = 1024;

// The positions of the entries from `first` on, at most a page of them; those of the trail beyond
// `size` are left out.
Result<std::vector<TrailPositionRow>> ReadPositions(const TrailRows& rows,
                                                    const CompanyId& company_id, uint64_t first,
                                                    uint64_t size) {
  const size_t wanted = std::min<uint64_t>(kPositionsPerPage, size - first);
  std::vector<TrailPositionRow> positions;
  const Key before = first == 0 ? Key() : TrailPositionKey(company_id, first - 1);
  bool whole = true;
  JALON_RETURN_IF_ERROR(rows.scan(
      TrailPositionsPrefix(company_id), before, [&](std::string_view key, std::string_view bytes) {
        whole = key == TrailPositionKey(company_id, first + positions.size()).view() &&
                Decode(bytes, &positions.emplace_back());
        return whole && positions.size() < wanted;
      }));
  if (!whole || positions.size() != wanted) return TrailRowsBroken();
  return positions;
}

// Reads events by their position. Those of one record, side by side in a trail, read it once.
class EventReader {
 public:
  EventReader(Partition partition, eventstore::Log& log) : partition_(partition), log_(log) {}

  // The stored bytes, valid until the next call.
  Result<std::string_view> Read(const TrailPositionRow& position) {
    if (record_.bytes == nullptr || record_.offset != position.offset) {
      JALON_RETURN_IF_ERROR(ReadRecord(position.offset));
    }
    JALON_ASSIGN_OR_RETURN(const EntryFrame frame, eventstore::ReadFrame(*record_.bytes));
    std::string_view found;
    if (frame.kind == EntryFrame::Kind::kRecord && frame.seq == position.seq) {
      ForEachEvent(frame, record_.offset, [&](const EventView& event) {
        if (event.index == position.index) found = event.stored;
        return found.empty();
      });
    }
    if (found.empty()) return NotThere(position.offset);
    return found;
  }

 private:
  Result<void> ReadRecord(Offset offset) {
    JALON_ASSIGN_OR_RETURN(const auto read, log_.ReadFrom(partition_, offset, {.entries = 1}));
    if (read.empty() || read[0].offset != offset) return NotThere(offset);
    record_ = read[0];
    return {};
  }
  std::unexpected<Error> NotThere(Offset offset) const {
    return Stopped(partition_, offset, "is not the record that was counted there");
  }

  const Partition partition_;
  eventstore::Log& log_;
  eventstore::StoredEntry record_;
};

}  // namespace

Result<void> ExportTrail(const TrailExport& what, const OpenTrailRows& open, eventstore::Log& log) {
  JALON_ASSIGN_OR_RETURN(trail::ExportWriter writer, trail::ExportWriter::Create(what.folder));
  EventReader events(what.partition, log);
  TrailPositionRow last;
  while (writer.size() < what.size) {
    JALON_ASSIGN_OR_RETURN(const TrailRows rows, open());
    JALON_ASSIGN_OR_RETURN(const auto positions,
                           ReadPositions(rows, what.company_id, writer.size(), what.size));
    for (const TrailPositionRow& position : positions) {
      JALON_ASSIGN_OR_RETURN(const std::string_view entry, events.Read(position));
      JALON_RETURN_IF_ERROR(writer.Append(entry));
    }
    last = positions.back();
  }
  if (writer.Root() != what.root) {
    return Stopped(what.partition, last.offset,
                   "or one before it holds another entry of a trail than was signed");
  }
  return writer.Finish(what.checkpoint);
}

}  // namespace jalon::projections
