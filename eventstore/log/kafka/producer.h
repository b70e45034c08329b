// What hands records to Kafka: an idempotent producer, whose delivery reports say how far the
// brokers hold them. A producer that failed for good is replaced by another.
//
// Thread safety: Produce from any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "eventstore/base/mutex.h"
#include "eventstore/log/kafka/client.h"
#include "eventstore/log/log.h"

namespace jalon::eventstore::kafka {

class Producer {
 public:
  // Called from the producer's thread, once for each record that Produce took, in the order of
  // each partition: the offset, or nothing where it may be there or not.
  using Report = std::function<void(Partition, std::optional<Offset>)>;

  static Result<std::unique_ptr<Producer>> Make(const KafkaOptions& options, Report report);
  // What is on its way is given the time of one delivery; then it is reported as perhaps not there.
  ~Producer();

  // `taken` is called before each record is handed over. An error after some were handed over is
  // UNAVAILABLE; RESOURCE_EXHAUSTED QUEUE_FULL: none was.
  Result<void> Produce(Partition partition, const std::vector<Blob>& entries,
                       const std::function<void()>& taken);

 private:
  struct OnTheWay;
  Producer(const KafkaOptions& options, Report report)
      : options_(options), report_(std::move(report)) {}
  static void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void*);
  Result<void> Open() JALON_REQUIRES(mutex_);
  static void Discard(Topic topic, Handle handle);
  void Run(const std::stop_token& stop);

  const KafkaOptions& options_;
  const Report report_;
  Mutex mutex_;
  Handle handle_ JALON_GUARDED_BY(mutex_);
  Topic topic_ JALON_GUARDED_BY(mutex_);
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace jalon::eventstore::kafka
