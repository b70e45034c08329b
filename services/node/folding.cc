#include "services/node/folding.h"

#include <utility>

namespace jalon::node {
namespace {

// How often deadlines of waiting queries and flushes are looked at.
constexpr std::chrono::milliseconds kTimers{50};

}  // namespace

Folding::Folding(projections::Projector& projector, const Clock& clock,
                 std::function<void()> on_serving, std::function<void(const Error&)> on_fault)
    : projector_(projector),
      clock_(clock),
      on_serving_(std::move(on_serving)),
      on_fault_(std::move(on_fault)) {
  projector_.OnWork([this] { Wake(); });
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

bool Folding::Wait(const std::stop_token& stop) {
  MutexLock lock(mutex_);
  const bool woken = lock.WaitFor(
      wake_, kTimers, [&]() JALON_REQUIRES(mutex_) { return woken_ || stop.stop_requested(); });
  woken_ = false;
  return woken;
}

void Folding::Run(const std::stop_token& stop) {
  bool serving = false;
  while (!stop.stop_requested()) {
    const bool more = projector_.Step(clock_.Monotonic());
    if (!serving && projector_.Serving()) {
      serving = true;
      on_serving_();
    }
    if (more || Wait(stop)) continue;
    if (const std::optional<Error> error = projector_.Status().error) {
      on_fault_(*error);
      return;
    }
  }
}

}  // namespace jalon::node
