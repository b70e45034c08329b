// Writers as nodes run them, each with a thread of its own, and callers who ask one or the other.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "eventstore/base/mutex.h"
#include "eventstore/log/log.h"
#include "eventstore/state/memory_state_store.h"
#include "eventstore/writer/counter_testing.h"
#include "eventstore/writer/writer.h"

namespace jalon::eventstore::testing {

// A writer and the thread that steps it: when it has work, and now and then for its timers.
class Node {
 public:
  Node(std::string name, Log& log, uint64_t seed)
      : random_(seed),
        writer_(OptionsOf(std::move(name)), log, store_, application_, clock_,
                [this] { return random_(); }) {
    writer_.OnWork([this] {
      MutexLock lock(mutex_);
      work_ = true;
      woken_.notify_one();
    });
    thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  }

  Result<void> Submit(Submission submission) { return writer_.Submit(std::move(submission)); }

 private:
  static WriterOptions OptionsOf(std::string name) {
    WriterOptions options;
    options.partition = Partition{0};
    options.address = name + ".example:7000";
    options.node = std::move(name);
    options.flush_records = 16;
    return options;
  }

  void Run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (writer_.Step()) continue;
      MutexLock lock(mutex_);
      lock.WaitFor(woken_, std::chrono::milliseconds(20),
                   [this]() JALON_REQUIRES(mutex_) { return work_; });
      work_ = false;
    }
  }

  const SystemClock clock_;
  const CounterApplication application_;
  MemoryStateStore store_;
  std::mt19937_64 random_;  // of the thread that steps
  Mutex mutex_;
  Condition woken_;
  bool work_ JALON_GUARDED_BY(mutex_) = false;
  Writer writer_;        // its wake uses what stands above
  std::jthread thread_;  // last: it uses all of it
};

// What became of calls.
struct Tally {
  int refused = 0;
  int asked_again = 0;                       // because no answer told
  std::map<uint64_t, std::string> accepted;  // request ids by position
  int rival_claims = 0;  // of an epoch that another node's claim already counted for
};

// Adds one to a counter, as often as it is told; what a node cannot answer, the next one is asked,
// with the same request id, until one answers. `caller` makes the ids differ from other callers'.
Tally CallAll(const std::vector<std::unique_ptr<Node>>& nodes, int caller, int calls,
              const std::string& key);

// Follows the log while it is written, as a view does, until `counted` records count, or for a
// minute.
Tally FollowAll(Log& log, uint64_t counted);

}  // namespace jalon::eventstore::testing
