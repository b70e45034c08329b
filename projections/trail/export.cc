#include "projections/trail/export.h"

#include <algorithm>
#include <utility>

#include "eventstore/base/archive.h"
#include "eventstore/trail/tile.h"
#include "projections/engine/cursor.h"
#include "projections/views/trails.h"

namespace jalon::projections {
namespace {

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

TrailExporter::TrailExporter(TrailExport what, OpenTrailRows open, eventstore::Log& log,
                             trail::ExportSink& sink)
    : what_(std::move(what)),
      open_(std::move(open)),
      writer_(sink),
      events_(what_.partition, log) {}

Result<void> TrailExporter::Append() {
  if (next_ == page_.size()) {
    JALON_ASSIGN_OR_RETURN(const TrailRows rows, open_());
    JALON_ASSIGN_OR_RETURN(page_, ReadEntries(rows, what_.company_id, writer_.size(), what_.size));
    next_ = 0;
  }
  const TrailEntryRow& entry = page_[next_++];
  JALON_ASSIGN_OR_RETURN(const EventView event, events_.Read({.offset = entry.offset,
                                                              .seq = Seq{entry.event.seq},
                                                              .index = entry.event.index}));
  last_offset_ = entry.offset;
  return writer_.Append(event.stored);
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
