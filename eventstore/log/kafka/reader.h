// Reads partitions from wherever one wants, from the brokers: what is older than the recent
// entries. Each has a librdkafka client of its own, so a log keeps a few of them, which are lent.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "eventstore/base/mutex.h"
#include "eventstore/log/kafka/client.h"
#include "eventstore/log/log.h"

namespace jalon::eventstore::kafka {

// A message of librdkafka's as what it is: an entry, or what is wrong. Nothing: neither.
// OUT_OF_RANGE: the broker that was asked has no such offset, and no more comes of this partition.
using Read = Result<std::optional<StoredEntry>>;
Read ReadMessage(const rd_kafka_message_t& message, const KafkaOptions& options);

// Calls `take` with each message that is there, having waited for the first one at most so long:
// librdkafka's own batch waits until it is full.
void TakeMessages(rd_kafka_queue_t* queue, std::chrono::milliseconds patience,
                  const std::function<void(const rd_kafka_message_t&)>& take);

// The settings of every consumer of the log.
Settings ConsumerSettings();

// Thread safety: one thread at a time; `ready` is called from any.
class Reader {
 public:
  static Result<std::unique_ptr<Reader>> Make(const KafkaOptions& options);
  ~Reader();

  // Reads these partitions from there on, and nothing else any more. Does nothing if the partition
  // is one and the next entry of it is the one wanted.
  Result<void> Start(const std::vector<jalon::eventstore::Start>& from);
  // Reads nothing any more.
  void Stop();
  // The next entry; nothing if none came so long. DATA_LOSS PARTITION_DIVERGED: it is there no
  // more. After an error nothing is started.
  Read Next(std::chrono::milliseconds patience);
  // It comes again by the next Next.
  void PutBack(StoredEntry entry);

  // Is called once something came after nothing had; null: nobody is.
  void OnReady(std::function<void()> ready);

 private:
  explicit Reader(const KafkaOptions& options) : options_(options) {}
  Result<void> WakeBrokers();
  Result<void> Fetch(std::chrono::milliseconds patience);
  // What a broker that has no such offset means.
  Error WhyMissing(Partition partition);
  jalon::eventstore::Start* PlaceOf(Partition partition);

  const KafkaOptions& options_;
  Handle handle_;
  Topic topic_;
  Queue queue_;
  std::vector<jalon::eventstore::Start> places_;  // what is read, and the next offset of each
  std::deque<StoredEntry> came_;
  Mutex mutex_;
  std::function<void()> ready_ JALON_GUARDED_BY(mutex_);
};

// Thread safety: any thread.
class Readers {
 public:
  explicit Readers(const KafkaOptions& options) : options_(options) {}

  // A reader, lent for as long as it takes; null if all are out but the one for Await.
  Result<std::unique_ptr<Reader>> Borrow();
  // One for a moment, waiting for it. UNAVAILABLE if none comes back in time.
  Result<std::unique_ptr<Reader>> Await();
  void GiveBack(std::unique_ptr<Reader> reader);

  // Is called each time one comes back. Set before the first is lent.
  void OnReturn(std::function<void()> returned) { returned_ = std::move(returned); }

 private:
  // Null if `most` are out.
  Result<std::unique_ptr<Reader>> Take(size_t most);

  const KafkaOptions& options_;
  std::function<void()> returned_;
  Mutex mutex_;
  Condition back_;
  std::vector<std::unique_ptr<Reader>> idle_ JALON_GUARDED_BY(mutex_);
  size_t out_ JALON_GUARDED_BY(mutex_) = 0;
};

}  // namespace jalon::eventstore::kafka
