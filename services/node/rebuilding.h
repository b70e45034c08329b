// Rebuilds views on the operator's call, beside those that serve: at most one rebuild at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"
#include "eventstore/log/log.h"
#include "jalon/admin/v1/admin_service.pb.h"
#include "projections/engine/projector.h"
#include "projections/engine/rebuild.h"
#include "projections/engine/store.h"
#include "projections/engine/view_set.h"

namespace jalon::node {

// Thread safety: any thread.
class Rebuilding {
 public:
  using Report = std::function<bool(const admin::v1::RebuildViewResponse&)>;

  struct Parts {
    eventstore::Log& log;
    projections::Projector& projector;
    projections::ViewStore& store;
    const projections::ViewSet& views;
    uint32_t partition_count;
  };
  // All must outlive it.
  explicit Rebuilding(const Parts& parts) : parts_(parts) {}

  // Returns when the new generations serve. An empty name: all views. NOT_FOUND;
  // ABORTED REBUILD_RUNNING while another one runs; CANCELLED REBUILD_CANCELLED.
  Result<void> Run(const std::string& name, const Report& report);
  // The names of the views whose rebuild was cancelled. FAILED_PRECONDITION NO_REBUILD_RUNNING.
  Result<std::vector<std::string>> Cancel();

 private:
  Result<std::vector<size_t>> ViewsOf(const std::string& name) const;
  Result<void> Begin(const std::vector<size_t>& views);
  void End();
  Result<std::vector<projections::BuiltGeneration>> Build(const Report& report);
  Result<void> HandOver(std::vector<projections::BuiltGeneration> built);

  const Parts parts_;
  Mutex mutex_;
  std::shared_ptr<projections::Rebuild> running_ JALON_GUARDED_BY(mutex_);
  std::vector<std::string> names_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::node
