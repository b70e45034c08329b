// The thread that tells other nodes what this one owns, hears what they own, and lets the writers
// know which partitions to try for.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "eventstore/base/clock.h"
#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"
#include "eventstore/owners/hints.h"
#include "services/node/log_sign.h"
#include "services/node/writers.h"

namespace jalon::node {

// Thread safety: every call may come from any thread; Start once.
class Hinting {
 public:
  // What the node may do, of what is given to one of several.
  struct Does {
    bool writes = true;                // it takes partitions
    bool relays = true;                // it tells the public feed
    std::function<bool()> signs = {};  // whether it does now; empty: never
  };
  // All must outlive it. `sign` is told whether this node's heartbeats are heard. `on_fault` is
  // called at most once, when it cannot go on.
  Hinting(Does does, eventstore::Hints& hints, Writers& writers, LogSign& sign, const Clock& clock,
          std::function<void(const Error&)> on_fault);
  ~Hinting() { Stop(); }

  void Start();
  // Says that this node ends, and waits until others own what it owned: at most `patience`, and not
  // at all where nobody else lives. What it owns it goes on deciding until then.
  void HandOver(std::chrono::milliseconds patience);
  void Stop();

 private:
  void Run(const std::stop_token& stop);
  Result<void> Turn();
  bool OwnsNothing() const;

  const Does does_;
  eventstore::Hints& hints_;
  Writers& writers_;
  LogSign& sign_;
  const Clock& clock_;
  const std::function<void(const Error&)> on_fault_;
  std::atomic<bool> leaving_ = false;

  Mutex mutex_;
  Condition wake_;
  bool stopping_ JALON_GUARDED_BY(mutex_) = false;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace jalon::node
