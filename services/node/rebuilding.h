// Builds views anew from the log: those that a start finds missing, and on the operator's call
// those that serve, beside them. At most one rebuild at a time, on every core.
//
// If the process dies meanwhile: the views that served go on at the next start; what was built is
// dropped.
#pragma once

#include <functional>
#include <memory>
#include <optional>
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

// Says in the server's log, now and then, how a rebuild goes on that nobody asked for.
//
// Thread safety: one thread.
class BuildingTold {
 public:
  // `wanted`: unless the server ends, which cancels it too.
  void Tell(const admin::v1::RebuildViewResponse& progress, bool wanted);

 private:
  std::optional<uint64_t> told_at_ms_;
};

// Thread safety: any thread.
class Rebuilding {
 public:
  // Is told how far a rebuild is, several times a second; what it returns counts for nothing: a
  // rebuild goes on when nobody listens.
  using Report = std::function<bool(const admin::v1::RebuildViewResponse&)>;

  struct Parts {
    eventstore::Log& log;
    projections::Projector& projector;  // is stepped meanwhile by somebody else
    projections::ViewStore& store;
    const projections::ViewSet& views;
    uint32_t partition_count = 0;
    size_t memory_bytes = 0;
    std::function<Result<void>()> has_room = {};  // on the disk; empty: always
    std::function<void()> ingested = {};          // for tests only: called before the hand-over
  };
  // All must outlive it.
  explicit Rebuilding(const Parts& parts) : parts_(parts) {}

  // Returns when the new generations serve, or the rebuild was cancelled; the last report says
  // which. An empty name: all views. What the projector misses is built too. NOT_FOUND; ABORTED
  // REBUILD_RUNNING while another one runs; what has_room says, where the disk has none before or
  // while it is built: then nothing changed.
  Result<void> Run(const std::string& name, const Report& report);
  // The same for what the projector misses, and drops rows that nothing refers to: after a start.
  // Waits while another one runs.
  Result<void> BuildMissing(const Report& report);
  // The names of the views whose rebuild was cancelled. FAILED_PRECONDITION NO_REBUILD_RUNNING.
  Result<std::vector<std::string>> Cancel();
  // Cancels what runs and whatever is asked for from now on: the calls above return soon.
  void Stop();

 private:
  using Targets = std::vector<projections::MissingView>;

  Result<Targets> TargetsOf(const std::string& name) const;
  Result<void> Do(Targets targets, const Report& report);
  Result<std::shared_ptr<projections::Rebuild>> Begin(Targets targets);
  void End();
  // For a moment, or until no rebuild runs. False once Stop was called.
  bool WaitForOther();
  Result<void> HasRoom() const { return parts_.has_room ? parts_.has_room() : Result<void>(); }
  // Folds, writes, and has the projector swap.
  Result<void> BuildAndSwap(projections::Rebuild& rebuild, const Report& report);
  Result<void> HandOver(std::vector<projections::BuiltGeneration> built,
                        const std::function<void()>& tell);
  bool Stopped() {
    const MutexLock lock(mutex_);
    return stopped_;
  }

  const Parts parts_;
  Mutex mutex_;
  Condition ended_;
  std::shared_ptr<projections::Rebuild> running_ JALON_GUARDED_BY(mutex_);
  std::vector<std::string> names_ JALON_GUARDED_BY(mutex_);
  bool stopped_ JALON_GUARDED_BY(mutex_) = false;
};

}  // namespace jalon::node
