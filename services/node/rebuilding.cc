#include "services/node/rebuilding.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <utility>

#include "eventstore/base/clock.h"
#include "eventstore/base/thread_name.h"
#include "services/node/json_log.h"

namespace jalon::node {
namespace {

using admin::v1::RebuildPhase;
using projections::RebuildProgress;

constexpr std::chrono::milliseconds kReportInterval{200};
constexpr uint64_t kToldEachMs = 2000;

RebuildPhase PhaseOf(const RebuildProgress& progress) {
  return progress.phase == RebuildProgress::Phase::kFolding ? admin::v1::REBUILD_PHASE_FOLDING
                                                            : admin::v1::REBUILD_PHASE_INGESTING;
}

admin::v1::RebuildViewResponse Describe(RebuildPhase phase, const RebuildProgress& progress,
                                        Micros elapsed) {
  admin::v1::RebuildViewResponse response;
  response.set_phase(phase);
  response.set_records_done(progress.entries_done);
  response.set_records_total(progress.entries_total);
  response.set_events_done(progress.events_done);
  response.set_spilled(progress.spilled);
  response.set_elapsed_ms(static_cast<uint64_t>(elapsed.count()) / 1000);
  return response;
}

Error CancelledError() { return {Code::kCancelled, "CANCELLED", "the rebuild was cancelled", {}}; }

// What threads wait for each other with: counts down to nothing left.
class Countdown {
 public:
  explicit Countdown(unsigned left) : left_(left) {}
  void Down() {
    MutexLock lock(mutex_);
    if (--left_ == 0) done_.notify_all();
  }
  // True once nothing is left, false after `patience`.
  bool WaitFor(std::chrono::milliseconds patience) {
    MutexLock lock(mutex_);
    return lock.WaitFor(done_, patience, [this]() JALON_REQUIRES(mutex_) { return left_ == 0; });
  }

 private:
  Mutex mutex_;
  Condition done_;
  unsigned left_ JALON_GUARDED_BY(mutex_);
};

}  // namespace

void BuildingTold::Tell(const admin::v1::RebuildViewResponse& progress, bool wanted) {
  if (progress.phase() == admin::v1::REBUILD_PHASE_CANCELLED && wanted) {
    return Log(Level::kWarning, "the views that are missing were not built: it was cancelled",
               {{"what", "no query is answered until they are: run jalon view rebuild --all"}});
  }
  const bool done = progress.phase() == admin::v1::REBUILD_PHASE_DONE;
  if (told_at_ms_ && progress.elapsed_ms() < *told_at_ms_ + kToldEachMs && !done) return;
  told_at_ms_ = progress.elapsed_ms();
  Log(Level::kInfo, done ? "views built" : "building views",
      {{"phase", admin::v1::RebuildPhase_Name(progress.phase())},
       {"records_done", uint64_t{progress.records_done()}},
       {"records_total", uint64_t{progress.records_total()}},
       {"spilled", uint64_t{progress.spilled()}},
       {"dur_ms", uint64_t{progress.elapsed_ms()}}});
}

Result<void> Rebuilding::Run(const std::string& name, const Report& report) {
  JALON_ASSIGN_OR_RETURN(Targets targets, TargetsOf(name));
  // A partition begins to serve once none of its views is missing: without these, what is built
  // would wait for them, and they for this to end.
  for (const projections::MissingView& missing : parts_.projector.Missing()) {
    if (parts_.views[missing.view].Name() != name && !name.empty()) targets.push_back(missing);
  }
  return Do(std::move(targets), report);
}

Result<void> Rebuilding::BuildMissing(const Report& report) {
  while (true) {
    Targets targets = parts_.projector.Missing();
    if (targets.empty()) return parts_.store.Collect();
    const Result<void> done = Do(std::move(targets), report);
    if (done || done.error().code != Code::kAborted) return done;
    // An operator was first, and may have asked for less than is missing.
    if (!WaitForOther()) return {};
  }
}

bool Rebuilding::WaitForOther() {
  MutexLock lock(mutex_);
  lock.WaitFor(ended_, kReportInterval,
               [this]() JALON_REQUIRES(mutex_) { return running_ == nullptr || stopped_; });
  return !stopped_;
}

Result<Rebuilding::Targets> Rebuilding::TargetsOf(const std::string& name) const {
  Targets targets;
  for (size_t view = 0; view < parts_.views.size(); ++view) {
    if (!name.empty() && parts_.views[view].Name() != name) continue;
    for (uint32_t partition = 0; partition < parts_.partition_count; ++partition) {
      targets.push_back({view, Partition{partition}});
    }
  }
  if (targets.empty()) {
    return Fail(Code::kNotFound, "NOT_FOUND",
                "there is no view '" + name + "': `jalon view list` names them");
  }
  return targets;
}

Result<void> Rebuilding::Do(Targets targets, const Report& report) {
  JALON_ASSIGN_OR_RETURN(std::shared_ptr<projections::Rebuild> rebuild, Begin(std::move(targets)));
  const SystemClock clock;
  const Micros start = clock.Monotonic();
  Result<void> done = BuildAndSwap(*rebuild, report);
  const RebuildProgress progress = rebuild->Progress();
  rebuild.reset();
  End();
  // Whatever was replaced, or was built for nothing.
  const Result<void> collected = parts_.store.Collect();
  RebuildPhase end = admin::v1::REBUILD_PHASE_DONE;
  if (!done && done.error().code == Code::kCancelled) {
    end = admin::v1::REBUILD_PHASE_CANCELLED;
    done = {};
  }
  if (done) done = collected;
  if (done) report(Describe(end, progress, clock.Monotonic() - start));
  return done;
}

Result<std::shared_ptr<projections::Rebuild>> Rebuilding::Begin(Targets targets) {
  std::set<std::string> names;
  for (const projections::MissingView& target : targets) {
    names.emplace(parts_.views[target.view].Name());
  }
  MutexLock lock(mutex_);
  if (running_ != nullptr) {
    return Fail(Code::kAborted, "REBUILD_RUNNING",
                "a rebuild is running: wait for it, or `jalon view rebuild --cancel`");
  }
  running_ = std::make_shared<projections::Rebuild>(
      projections::RebuildOptions{.targets = std::move(targets),
                                  .memory_bytes = parts_.memory_bytes},
      parts_.log, parts_.store, parts_.views);
  if (stopped_) running_->Cancel();
  names_.assign(names.begin(), names.end());
  return running_;
}

void Rebuilding::End() {
  MutexLock lock(mutex_);
  running_.reset();
  ended_.notify_all();
}

Result<void> Rebuilding::BuildAndSwap(projections::Rebuild& rebuild, const Report& report) {
  JALON_RETURN_IF_ERROR(HasRoom());
  JALON_RETURN_IF_ERROR(rebuild.Open());
  const SystemClock clock;
  const Micros start = clock.Monotonic();
  const auto tell = [&](RebuildPhase phase) {
    report(Describe(phase, rebuild.Progress(), clock.Monotonic() - start));
  };
  const unsigned threads = std::max(1U, std::jthread::hardware_concurrency());
  Countdown working(threads);
  std::vector<std::jthread> workers;
  workers.reserve(threads);
  for (unsigned i = 0; i < threads; ++i) {
    workers.emplace_back([&] {
      NameThread("views-rebuild");
      rebuild.Work();
      working.Down();
    });
  }
  Result<void> room;
  while (!working.WaitFor(kReportInterval)) {
    tell(PhaseOf(rebuild.Progress()));
    if (room) room = HasRoom();
    if (!room) rebuild.Cancel();
  }
  workers.clear();
  if (room) room = HasRoom();
  JALON_RETURN_IF_ERROR(room);
  tell(admin::v1::REBUILD_PHASE_INGESTING);
  JALON_ASSIGN_OR_RETURN(auto built, rebuild.Finish());
  if (parts_.ingested) parts_.ingested();
  return HandOver(std::move(built), [&] { tell(admin::v1::REBUILD_PHASE_CATCHING_UP); });
}

Result<void> Rebuilding::HandOver(std::vector<projections::BuiltGeneration> built,
                                  const std::function<void()>& tell) {
  // Shared: the projector may answer after Stop has let this call go.
  struct Answer {
    Countdown given{1};
    Result<void> result;
  };
  const auto answer = std::make_shared<Answer>();
  parts_.projector.Adopt(std::move(built), [answer](Result<void> result) {
    answer->result = std::move(result);
    answer->given.Down();
  });
  tell();
  while (!answer->given.WaitFor(kReportInterval)) {
    if (Stopped()) return std::unexpected(CancelledError());
    tell();
  }
  return answer->result;
}

Result<std::vector<std::string>> Rebuilding::Cancel() {
  MutexLock lock(mutex_);
  if (running_ == nullptr) {
    return Fail(Code::kFailedPrecondition, "NO_REBUILD_RUNNING", "nothing is being rebuilt");
  }
  running_->Cancel();
  return names_;
}

void Rebuilding::Stop() {
  MutexLock lock(mutex_);
  stopped_ = true;
  ended_.notify_all();
  if (running_ != nullptr) running_->Cancel();
}

}  // namespace jalon::node
