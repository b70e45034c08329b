#include "services/node/rebuilding.h"

#include <chrono>
#include <thread>
#include <utility>

#include "eventstore/base/clock.h"

namespace jalon::node {
namespace {

// One beside the thread that goes on folding, on the smallest machine that Jalon is made for.
constexpr int kWorkers = 2;
constexpr std::chrono::milliseconds kReportInterval{200};

admin::v1::RebuildViewResponse Describe(const projections::RebuildProgress& progress,
                                        Micros elapsed) {
  admin::v1::RebuildViewResponse response;
  response.set_phase(progress.phase == projections::RebuildProgress::Phase::kFolding
                         ? admin::v1::REBUILD_PHASE_FOLDING
                         : admin::v1::REBUILD_PHASE_INGESTING);
  response.set_records_done(progress.entries_done);
  response.set_records_total(progress.entries_total);
  response.set_events_done(progress.events_done);
  response.set_spilled(progress.spilled);
  response.set_elapsed_ms(static_cast<uint64_t>(elapsed.count()) / 1000);
  return response;
}

// What threads wait for each other with: counts down to nothing left.
class Countdown {
 public:
  explicit Countdown(int left) : left_(left) {}
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
  int left_ JALON_GUARDED_BY(mutex_);
};

}  // namespace

Result<std::vector<size_t>> Rebuilding::ViewsOf(const std::string& name) const {
  std::vector<size_t> views;
  for (size_t i = 0; i < parts_.views.size(); ++i) {
    if (name.empty() || parts_.views[i].Name() == name) views.push_back(i);
  }
  if (views.empty()) {
    return Fail(Code::kNotFound, "NOT_FOUND",
                "there is no view '" + name + "': `jalon view list` names them");
  }
  return views;
}

Result<void> Rebuilding::Begin(const std::vector<size_t>& views) {
  projections::RebuildOptions options;
  std::vector<std::string> names;
  for (const size_t view : views) {
    names.emplace_back(parts_.views[view].Name());
    for (uint32_t partition = 0; partition < parts_.partition_count; ++partition) {
      options.targets.push_back({view, Partition{partition}});
    }
  }
  MutexLock lock(mutex_);
  if (running_ != nullptr) {
    return Fail(Code::kAborted, "REBUILD_RUNNING",
                "a rebuild is running: wait for it, or `jalon view rebuild --cancel`");
  }
  running_ = std::make_shared<projections::Rebuild>(std::move(options), parts_.log, parts_.store,
                                                    parts_.views);
  names_ = std::move(names);
  return {};
}

void Rebuilding::End() {
  MutexLock lock(mutex_);
  running_.reset();
}

Result<std::vector<projections::BuiltGeneration>> Rebuilding::Build(const Report& report) {
  std::shared_ptr<projections::Rebuild> rebuild;
  {
    MutexLock lock(mutex_);
    rebuild = running_;
  }
  JALON_RETURN_IF_ERROR(rebuild->Open());
  const SystemClock clock;
  const Micros start = clock.Monotonic();
  Countdown working(kWorkers);
  std::vector<std::jthread> workers;
  for (int i = 0; i < kWorkers; ++i) {
    workers.emplace_back([&] {
      rebuild->Work();
      working.Down();
    });
  }
  while (!working.WaitFor(kReportInterval)) {
    report(Describe(rebuild->Progress(), clock.Monotonic() - start));
  }
  workers.clear();
  report(Describe(rebuild->Progress(), clock.Monotonic() - start));
  auto built = rebuild->Finish();
  report(Describe(rebuild->Progress(), clock.Monotonic() - start));
  return built;
}

Result<void> Rebuilding::HandOver(std::vector<projections::BuiltGeneration> built) {
  // Shared: the projector may answer after a shutdown has let this call go.
  struct Answer {
    Countdown given{1};
    Result<void> result;
  };
  const auto answer = std::make_shared<Answer>();
  parts_.projector.Adopt(std::move(built), [answer](Result<void> result) {
    answer->result = std::move(result);
    answer->given.Down();
  });
  while (!answer->given.WaitFor(kReportInterval)) {
  }
  return answer->result;
}

Result<void> Rebuilding::Run(const std::string& name, const Report& report) {
  JALON_ASSIGN_OR_RETURN(const std::vector<size_t> views, ViewsOf(name));
  JALON_RETURN_IF_ERROR(Begin(views));
  admin::v1::RebuildViewResponse last;
  auto built = Build([&](const admin::v1::RebuildViewResponse& progress) {
    last = progress;
    return report(progress);
  });
  Result<void> done =
      built ? HandOver(std::move(*built)) : std::unexpected(std::move(built).error());
  End();
  if (done) {
    last.set_phase(admin::v1::REBUILD_PHASE_DONE);
    report(last);
  }
  return done;
}

Result<std::vector<std::string>> Rebuilding::Cancel() {
  MutexLock lock(mutex_);
  if (running_ == nullptr) {
    return Fail(Code::kFailedPrecondition, "NO_REBUILD_RUNNING", "nothing is being rebuilt");
  }
  running_->Cancel();
  return names_;
}

}  // namespace jalon::node
