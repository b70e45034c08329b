#include "services/node/relay_duty.h"

#include <algorithm>

#include "eventstore/base/thread_name.h"
#include "services/node/json_log.h"

namespace jalon::node {
namespace {

// How late the relay of a node that died is taken over, beside what its silence takes.
constexpr std::chrono::milliseconds kLookEach{200};
// Between two that could not begin, at most: it doubles up to here.
constexpr std::chrono::milliseconds kPauseMost{10'000};

}  // namespace

void RelayDuty::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void RelayDuty::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void RelayDuty::Run(const std::stop_token& stop) {
  NameThread("relay-duty");
  bool running = false;
  while (!stop.stop_requested()) {
    const bool mine = is_mine_();
    if (mine && !running) {
      Begin();
      running = relaying_ != nullptr;
    } else if (!mine && running) {
      Log(Level::kInfo, "another node tells the public feed");
      relaying_.reset();
      running = false;
    }
    MutexLock lock(mutex_);
    lock.WaitFor(wake_, kLookEach, [this]() JALON_REQUIRES(mutex_) { return stopping_; });
  }
  relaying_.reset();
}

void RelayDuty::Begin() {
  if (relaying_ == nullptr) {
    if (std::chrono::steady_clock::now() < begin_at_) return;
    auto made = make_();
    if (!made) {
      if (told_ != made.error().reason) LogError("the public feed is not told yet", made.error());
      told_ = made.error().reason;
      pause_ = std::clamp(2 * pause_, 2 * kLookEach, kPauseMost);
      begin_at_ = std::chrono::steady_clock::now() + pause_;
      return;
    }
    relaying_ = std::move(*made);
  }
  told_.clear();
  pause_ = std::chrono::milliseconds(0);
  relaying_->Start();
}

}  // namespace jalon::node
