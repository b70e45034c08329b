// The thread that reads every partition at its end, and the one that watches the brokers: leaders
// that change, replicas that fall out, entries that vanish.
//
// Thread safety: none but construction and destruction.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "eventstore/base/mutex.h"
#include "eventstore/log/kafka/client.h"
#include "eventstore/log/kafka/reach.h"
#include "eventstore/log/kafka/reader.h"
#include "eventstore/log/kafka/recent.h"

namespace jalon::eventstore::kafka {

class Tail {
 public:
  struct Parts {
    const KafkaOptions& options;
    Recent& recent;
    Readers& readers;
    Reach& reach;
    int enough_in_sync;                    // replicas: below that, brokers take no record
    std::function<void(Partition)> shown;  // there is more to see, or an error
  };
  // Reads on from where `recent` ends.
  static Result<std::unique_ptr<Tail>> Make(Parts parts);
  ~Tail();

 private:
  explicit Tail(Parts parts) : parts_(std::move(parts)) {}
  void Follow(const std::stop_token& stop);
  void Watch(const std::stop_token& stop);
  void Look(std::vector<Replicas>* before, const std::stop_token& stop);
  // No broker said who leads; or all say that there is no such topic, which one that has just
  // started may also do: that is a loss once it has been said for `confirmation`.
  void Miss(const Error& why, uint64_t answers);
  // Who leads, for those who ask brokers; and whether those answer again that did not.
  void TellReach(const std::vector<Replicas>& replicas);
  // Those may be asked for again that waited for brokers that are away.
  void ShowAll();
  // A connection was lost since the last call: a broker may have come back with less.
  bool LostConnection();
  // A broker had no such offset: reads on, or calls it a loss.
  void Resume(Partition partition);
  // That the brokers still hold the last entry that was seen.
  bool CheckLast(Partition partition);
  void Diverge(Partition partition, Error error);

  const Parts parts_;
  Handle handle_;
  Topic topic_;
  Queue queue_;
  Queue troubles_;
  std::optional<std::chrono::steady_clock::time_point> gone_since_;  // the watch's own
  Mutex mutex_;
  Condition wake_;
  std::set<Partition> missing_ JALON_GUARDED_BY(mutex_);  // to resume
  std::jthread following_;
  std::jthread watching_;
};

}  // namespace jalon::eventstore::kafka
