#include "projections/trail/export.h"

#include <algorithm>
#include <utility>

#include "eventstore/base/archive.h"
#include "eventstore/trail/tile.h"
#include "projections/engine/cursor.h"
#include "projections/views/trails.h"

namespace jalon::projections {
namespace {

using eventstore::EntryFrame;

constexpr size_t kEntriesPerPage = 1024;

// The rows of the entries from `first` on, at most a page of them; those of the trail beyond `size`
// are left out.
Result<std::vector<TrailEntryRow>> ReadEntries(const TrailRows& rows, const CompanyId& company_id,
                                               uint64_t first, uint64_t size) {
  const size_t wanted = std::min<uint64_t>(kEntriesPerPage, size - first);
  std::vector<TrailEntryRow> entries;
  const Key before = first == 0 ? Key() : TrailEntryKey(company_id, first - 1);
  bool whole = true;
  JALON_RETURN_IF_ERROR(rows.scan(
      TrailEntriesPrefix(company_id), before, [&](std::string_view key, std::string_view bytes) {
        whole = key == TrailEntryKey(company_id, first + entries.size()).view() &&
                Decode(bytes, &entries.emplace_back());
        return whole && entries.size() < wanted;
      }));
  if (!whole || entries.size() != wanted) return TrailRowsBroken();
  return entries;
}

}  // namespace

// Reads events by their place. Those of one record, side by side in a trail, read it once.
class TrailExporter::Events {
 public:
  Events(Partition partition, eventstore::Log& log) : partition_(partition), log_(log) {}

  // The stored bytes, valid until the next call.
  Result<std::string_view> Read(const TrailEntryRow& entry) {
    if (record_.bytes == nullptr || record_.offset != entry.offset) {
      JALON_RETURN_IF_ERROR(ReadRecord(entry.offset));
    }
    JALON_ASSIGN_OR_RETURN(const EntryFrame frame, eventstore::ReadFrame(*record_.bytes));
    std::string_view found;
    if (frame.kind == EntryFrame::Kind::kRecord && frame.seq.value == entry.event.seq) {
      ForEachEvent(frame, record_.offset, [&](const EventView& event) {
        if (event.index == entry.event.index) found = event.stored;
        return found.empty();
      });
    }
    if (found.empty()) return NotThere(entry.offset);
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

TrailExporter::TrailExporter(TrailExport what, OpenTrailRows open, eventstore::Log& log,
                             trail::ExportSink& sink)
    : what_(std::move(what)),
      open_(std::move(open)),
      writer_(sink),
      events_(std::make_unique<Events>(what_.partition, log)) {}

TrailExporter::~TrailExporter() = default;

Result<void> TrailExporter::Append() {
  if (next_ == page_.size()) {
    JALON_ASSIGN_OR_RETURN(const TrailRows rows, open_());
    JALON_ASSIGN_OR_RETURN(page_, ReadEntries(rows, what_.company_id, writer_.size(), what_.size));
    next_ = 0;
  }
  const TrailEntryRow& entry = page_[next_++];
  JALON_ASSIGN_OR_RETURN(const std::string_view bytes, events_->Read(entry));
  last_offset_ = entry.offset;
  return writer_.Append(bytes);
}

Result<bool> TrailExporter::Step() {
  while (writer_.size() < what_.size) {
    JALON_RETURN_IF_ERROR(Append());
    if (writer_.size() % trail::kTileWidth == 0) return true;
  }
  if (writer_.Root() != what_.root) {
    return Stopped(what_.partition, last_offset_,
                   "or one before it holds another entry of a trail than was signed");
  }
  JALON_RETURN_IF_ERROR(writer_.Finish(what_.checkpoint));
  return false;
}

Result<void> ExportTrail(TrailExport what, const OpenTrailRows& open, eventstore::Log& log,
                         trail::ExportSink& sink) {
  TrailExporter exporter(std::move(what), open, log, sink);
  for (bool more = true; more;) {
    JALON_ASSIGN_OR_RETURN(more, exporter.Step());
  }
  return {};
}

}  // namespace jalon::projections
