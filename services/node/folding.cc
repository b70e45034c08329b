#include "services/node/folding.h"

#include <utility>

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
  projector_.OnWork([this] { Wake(); });
  projector_.publication().OnAwaited([this] { Hurry(); });
}

Folding::~Folding() { Stop(); }

void Folding::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void Folding::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  Wake();
  thread_.join();
}

void Folding::Wake() {
  {
    MutexLock lock(mutex_);
    if (woken_) return;
    woken_ = true;
  }
  wake_.notify_one();
}

void Folding::Hurry() {
  {
    MutexLock lock(mutex_);
    woken_ = true;
    hurried_ = true;
  }
  wake_.notify_one();
}

void Folding::Gather(const std::stop_token& stop) {
  if (projector_.publication().Awaited()) return;
  MutexLock lock(mutex_);
  lock.WaitFor(wake_, kGather,
               [&]() JALON_REQUIRES(mutex_) { return hurried_ || stop.stop_requested(); });
  hurried_ = false;
}

void Folding::Wait(const std::stop_token& stop) {
  MutexLock lock(mutex_);
  lock.WaitFor(wake_, kTimers,
               [&]() JALON_REQUIRES(mutex_) { return woken_ || stop.stop_requested(); });
  woken_ = false;
}

void Folding::Run(const std::stop_token& stop) {
  bool serving = false;
  Micros tell_at{};
  while (!stop.stop_requested()) {
    const Micros now = clock_.Monotonic();
    const bool more = projector_.Step(now);
    if (serving != projector_.Serving() || now >= tell_at) {
      serving = projector_.Serving();
      tell_at = now + kStatus;
      const projections::ProjectorStatus status = projector_.Status();
      if (status.error) return on_fault_(*status.error);
      on_status_(status);
    }
    if (more) continue;
    if (serving) Gather(stop);
    Wait(stop);
  }
}

}  // namespace jalon::node
