#include "services/api/queries/grown_logs.h"

#include <memory>
#include <string>
#include <utility>

#include "eventstore/trail/origin.h"
#include "eventstore/trail/tree.h"
#include "projections/views/receipts.h"
#include "projections/views/root_log.h"
#include "projections/views/trails.h"
#include "services/api/queries/each_school.h"

namespace jalon::api {
namespace {

using projections::TreeRow;

class Grown {
 public:
  Grown(Views& views, const TrailNames& names, std::unique_ptr<Reader> published,
        const std::function<bool(trail::Checkpoint)>& visit)
      : views_(views), names_(names), published_(std::move(published)), visit_(visit) {}

  Result<void> In(Partition partition) {
    JALON_RETURN_IF_ERROR(ReceiptsOf(partition));
    JALON_ASSIGN_OR_RETURN(const auto all, views_.Read(partition, {}));
    for (std::string school_id; !ended_;) {
      JALON_ASSIGN_OR_RETURN(school_id, NextSchool(*all, school_id));
      if (school_id.empty()) break;
      JALON_RETURN_IF_ERROR(TrailsOf(partition, school_id));
    }
    return {};
  }
  bool ended() const { return ended_; }

 private:
  Result<void> ReceiptsOf(Partition partition) {
    JALON_ASSIGN_OR_RETURN(const auto reader,
                           views_.Read(partition, projections::PartitionScope()));
    JALON_ASSIGN_OR_RETURN(
        const auto row,
        reader->Find<TreeRow>(projections::kReceipts,
                              projections::TreeKey(projections::Key(), projections::OnlyTree())));
    return row ? Look(names_.ReceiptsOrigin(partition), *row) : Result<void>();
  }

  Result<void> TrailsOf(Partition partition, const std::string& school_id) {
    JALON_ASSIGN_OR_RETURN(const auto reader, views_.Read(partition, school_id));
    Result<void> looked;
    JALON_RETURN_IF_ERROR(reader->Each<TreeRow>(
        projections::kTrails, projections::TreesPrefix(projections::Key()), {},
        [&](std::string_view key, TreeRow&& row) {
          looked = Look(names_.OriginOf(school_id, projections::CompanyOfTrail(key).View()), row);
          return looked.has_value() && !ended_;
        }));
    return looked;
  }

  // A size that was published is not published again.
  Result<void> Look(const std::string& origin, const TreeRow& row) {
    if (row.size == 0) return {};
    JALON_ASSIGN_OR_RETURN(
        const auto known,
        published_->Get(projections::kRootLog, projections::RootEntryKey(origin, row.size)));
    if (known) return {};
    const auto tree = trail::Frontier::Resume(row.size, row.roots);
    if (!tree) return Reader::Malformed(projections::kTrails);
    ended_ = !visit_({.origin = origin, .size = row.size, .root = tree->Root()});
    return {};
  }

  Views& views_;
  const TrailNames& names_;
  const std::unique_ptr<Reader> published_;
  const std::function<bool(trail::Checkpoint)>& visit_;
  bool ended_ = false;
};

}  // namespace

Result<void> EachGrownLog(Views& views, const Placement& placement, const TrailNames& names,
                          const std::function<bool(trail::Checkpoint)>& visit) {
  const auto system = placement.System();
  if (!system) return {};
  JALON_ASSIGN_OR_RETURN(auto published, views.Read(*system, projections::PartitionScope()));
  Grown grown(views, names, std::move(published), visit);
  for (Partition partition{0}; partition.value < placement.PartitionCount() && !grown.ended();
       partition = partition.Next()) {
    JALON_RETURN_IF_ERROR(grown.In(partition));
  }
  return {};
}

}  // namespace jalon::api
