#include "services/node/folding.h"

#include <utility>

#include "eventstore/base/thread_name.h"

namespace jalon::node {
namespace {

// How often deadlines of waiting queries and flushes are looked at.
constexpr std::chrono::milliseconds kTimers{50};

// How often its status is told.
constexpr std::chrono::milliseconds kStatus{250};

// While no query waits for a position, one step folds what comes in this long: rows, positions and
// snapshots then cost little per event.
constexpr std::chrono::milliseconds kGather{20};

}  // namespace

Folding::Folding(projections::Projector& projector, const Clock& clock,
                 std::function<void(const projections::ProjectorStatus&)> on_status,
                 std::function<void(const Error&)> on_fault)
    : projector_(projector),
      clock_(clock),
      on_status_(std::move(on_status)),
      on_fault_(std::move(on_fault)) {
  projector_.OnWork([bell = bell_] { bell->Wake(); });
  projector_.publication().OnAwaited([bell = bell_] { bell->Hurry(); });
}

Folding::~Folding() { Stop(); }

void Folding::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void Folding::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  bell_->Wake();
  thread_.join();
}

void Folding::Bell::Wake() {
  {
    MutexLock lock(mutex);
    if (woken) return;
    woken = true;
  }
  wake.notify_one();
}

void Folding::Bell::Hurry() {
  {
    MutexLock lock(mutex);
    woken = hurried = true;
  }
  wake.notify_one();
}

void Folding::Gather(const std::stop_token& stop) {
  Bell& bell = *bell_;
  const bool awaited = projector_.publication().Awaited();
  MutexLock lock(bell.mutex);
  const auto enough = [&]() JALON_REQUIRES(bell.mutex) {
    return awaited || bell.hurried || stop.stop_requested();
  };
  lock.WaitFor(bell.wake, kGather, enough);
  bell.hurried = false;
}

void Folding::Wait(const std::stop_token& stop) {
  Bell& bell = *bell_;
  MutexLock lock(bell.mutex);
  lock.WaitFor(bell.wake, kTimers,
               [&]() JALON_REQUIRES(bell.mutex) { return bell.woken || stop.stop_requested(); });
  bell.woken = false;
}

// A partition of views stops alone, if its log or its rows are wrong: the others are folded on, so
// that whoever waits for them is answered until the process ends.
bool Folding::TellStopped(const projections::ProjectorStatus& status) {
  for (const projections::PartitionStatus& partition : status.partitions) {
    if (!partition.error) continue;
    on_fault_(*partition.error);
    return true;
  }
  return false;
}

void Folding::Run(const std::stop_token& stop) {
  NameThread("views-fold");
  bool serving = false;
  bool faulted = false;
  Micros tell_at{};
  while (!stop.stop_requested()) {
    const Micros now = clock_.Monotonic();
    const bool more = projector_.Step(now);
    if (serving != projector_.Serving() || now >= tell_at) {
      serving = projector_.Serving();
      tell_at = now + kStatus;
      const projections::ProjectorStatus status = projector_.Status();
      if (status.error) return on_fault_(*status.error);
      if (!faulted) faulted = TellStopped(status);
      on_status_(status);
    }
    if (more) continue;
    if (serving) Gather(stop);
    Wait(stop);
  }
}

}  // namespace jalon::node
