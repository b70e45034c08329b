// Which node tells the public feed: one of them at a time, as the hints say. Two for a moment only
// repeat what consumers drop.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"
#include "services/node/relaying.h"

namespace jalon::node {

// Thread safety: Start and Stop once, from one thread.
class RelayDuty {
 public:
  using MakeRelay = std::function<Result<std::unique_ptr<Relaying>>()>;
  // `first`: the relay that begins as soon as it is this node's turn. `is_mine` is asked from the
  // thread, and must be there until Stop.
  RelayDuty(std::unique_ptr<Relaying> first, MakeRelay make, std::function<bool()> is_mine)
      : relaying_(std::move(first)), make_(std::move(make)), is_mine_(std::move(is_mine)) {}
  ~RelayDuty() { Stop(); }
  RelayDuty(const RelayDuty&) = delete;
  RelayDuty& operator=(const RelayDuty&) = delete;

  void Start();
  // The relay gives what is on its way a moment.
  void Stop();

 private:
  void Run(const std::stop_token& stop);
  // Nothing before its time, after one that failed.
  void Begin();

  std::unique_ptr<Relaying> relaying_;  // the thread's own once it runs, as the next three
  std::string told_;                    // why the last one did not begin: a reason
  std::chrono::milliseconds pause_{0};
  std::chrono::steady_clock::time_point begin_at_{};
  const MakeRelay make_;
  const std::function<bool()> is_mine_;
  Mutex mutex_;
  Condition wake_;
  bool stopping_ JALON_GUARDED_BY(mutex_) = false;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace jalon::node
