// What Kafka by itself does with the same records: the idempotent producer that a node writes with
// (acks=all, nothing gathered), on a topic of its own, and nobody who decides, reads or answers.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"
#include "eventstore/log/kafka/options.h"
#include "eventstore/log/kafka/producer.h"
#include "eventstore/log/log.h"
#include "tests/bench/kafka/kafka_words.h"

namespace jalon::bench {

// The last records of these partitions of a log, at most `each` of one. Errors of opening it.
Result<std::vector<eventstore::Blob>> LastRecords(const Place& log,
                                                  const std::vector<Partition>& partitions,
                                                  size_t each);
double MeanBytes(const std::vector<eventstore::Blob>& records);

class BareProducer {
 public:
  struct Figures {
    double per_second = 0;
    double p50_us = 0;  // from handed over to its delivery report
  };

  // Makes a topic like that of a log, at `log`, with as many partitions.
  static Result<std::unique_ptr<BareProducer>> Make(const Place& log, uint32_t partitions);

  // Sends `count` records, these again and again and to one of `to` after the other, so many at a
  // time. UNAVAILABLE if one was not delivered.
  Result<Figures> Run(const std::vector<eventstore::Blob>& records,
                      const std::vector<Partition>& to, uint32_t in_flight, uint64_t count);

 private:
  explicit BareProducer(eventstore::KafkaOptions options) : options_(std::move(options)) {}
  void OnReport(Partition partition, std::optional<Offset> offset);
  void SendNext();

  // What is measured now.
  struct Job {
    const std::vector<eventstore::Blob>* records = nullptr;
    const std::vector<Partition>* to = nullptr;
    uint64_t count = 0;
    uint64_t sent = 0;
    std::vector<double> latencies_us;
    std::vector<std::deque<Micros>> sent_at;  // by partition, of what is out
    std::optional<Error> failed;
  };

  const eventstore::KafkaOptions options_;
  const SystemClock clock_;
  Mutex mutex_;
  Condition changed_;
  Job job_ JALON_GUARDED_BY(mutex_);
  std::unique_ptr<eventstore::kafka::Producer> producer_;  // last: its thread reports
};

}  // namespace jalon::bench
