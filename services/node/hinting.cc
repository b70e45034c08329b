#include "services/node/hinting.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "eventstore/base/thread_name.h"

namespace jalon::node {
namespace {

// How long a change may go unnoticed here, beside what it takes to be heard of.
constexpr std::chrono::milliseconds kTurn{50};

}  // namespace

Hinting::Hinting(Does does, eventstore::Hints& hints, Writers& writers, LogSign& sign,
                 const Clock& clock, std::function<void(const Error&)> on_fault)
    : does_(std::move(does)),
      hints_(hints),
      writers_(writers),
      sign_(sign),
      clock_(clock),
      on_fault_(std::move(on_fault)) {}

void Hinting::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void Hinting::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Hinting::Run(const std::stop_token& stop) {
  NameThread("hints");
  while (!stop.stop_requested()) {
    const Result<void> turned = Turn();
    if (!turned && turned.error().code != Code::kUnavailable) return on_fault_(turned.error());
    sign_.Set(LogSign::Of::kHeartbeats, turned ? std::nullopt : std::optional(turned.error()));
    MutexLock lock(mutex_);
    lock.WaitFor(wake_, kTurn, [this]() JALON_REQUIRES(mutex_) { return stopping_; });
  }
}

Result<void> Hinting::Turn() {
  eventstore::NodeStanding standing{.takes_partitions = does_.writes && writers_.AllReady(),
                                    .relays = does_.relays,
                                    .signs = does_.signs && does_.signs(),
                                    .leaving = leaving_,
                                    .owned = {}};
  for (uint32_t p = 0; p < writers_.Partitions(); ++p) {
    standing.owned.push_back(writers_.Owns(Partition{p}));
  }
  const Result<void> stepped = hints_.Step(standing);
  for (uint32_t p = 0; p < writers_.Partitions(); ++p) {
    writers_.Want(Partition{p}, hints_.Wants(Partition{p}));
  }
  return stepped;
}

bool Hinting::OwnsNothing() const {
  for (uint32_t p = 0; p < writers_.Partitions(); ++p) {
    if (writers_.Owns(Partition{p})) return false;
  }
  return true;
}

void Hinting::HandOver(std::chrono::milliseconds patience) {
  leaving_ = true;
  const Micros last = clock_.Monotonic() + patience;
  while (clock_.Monotonic() < last && !OwnsNothing() && hints_.HasOtherTaker()) {
    std::this_thread::sleep_for(kTurn);
  }
}

}  // namespace jalon::node
