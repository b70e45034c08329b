// The log on Apache Kafka, for more than one machine: one topic, one producer, one reader at the
// end of every partition, and a few that are lent to who reads further back. README.md tells what
// becomes of a record when a broker or this process dies.
//
// Thread safety: as Log.
// Durability: an entry is seen once the brokers say that enough replicas hold it (recent.h).
// Errors beside those of Log: UNAVAILABLE LOG_UNREACHABLE while no broker answers, DATA_LOSS
// PARTITION_DIVERGED once a partition lost or changed what was read.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "eventstore/log/genesis.h"
#include "eventstore/log/kafka/options.h"
#include "eventstore/log/log.h"

namespace jalon::eventstore {

// LOG_UNREACHABLE in the words for where nobody tries again: a start, a command of the operator's.
// Other errors as they are.
Error WhereNobodyTriesAgain(Error error);
template <typename T>
Result<T> WhereNobodyTriesAgain(Result<T> result) {
  if (!result) result.error() = WhereNobodyTriesAgain(std::move(result.error()));
  return result;
}

class KafkaLog final : public Log {
 public:
  // Makes the topic and writes a genesis into each partition. What a run before this one left
  // unfinished is finished, under that one's birth; so are two at once. ALREADY_EXISTS LOG_EXISTS
  // if all is there; FAILED_PRECONDITION LOG_MISCONFIGURED if the brokers do not make such a topic.
  static Result<void> Create(const KafkaOptions& options, const Birth& birth);

  // The same, each partition beginning with its genesis of these; of what is there already, each
  // must be its own (ALREADY_EXISTS LOG_EXISTS). All there: no error.
  static Result<void> Create(const KafkaOptions& options,
                             const std::vector<log::v1::Genesis>& geneses);

  // The genesis of some partition, where the topic has any: of a log, or of one that an unfinished
  // run began to make. FAILED_PRECONDITION LOG_CORRUPT if the topic holds something else.
  static Result<std::optional<log::v1::Genesis>> Begun(const KafkaOptions& options);

  // NOT_FOUND LOG_NOT_BORN; FAILED_PRECONDITION LOG_MISCONFIGURED where records could be lost, or
  // the topic has another number of partitions than it was born with; DATA_LOSS LOG_CORRUPT where
  // not all of them are of one birth.
  static Result<std::unique_ptr<KafkaLog>> Open(KafkaOptions options);

  // What is on its way is given the time of one delivery.
  ~KafkaLog() override;

  Result<void> Append(Partition partition, std::vector<Blob> entries) override;
  Result<std::vector<StoredEntry>> ReadFrom(Partition partition, Offset first,
                                            ReadLimit limit) override;
  Result<std::unique_ptr<Follower>> Follow(std::vector<Start> from,
                                           std::function<void()> wake) override;
  Result<Offset> Head(Partition partition) override;

  const Birth& birth() const;

  // How many copies of each record the brokers keep, and how many of them must be there before it
  // is seen.
  struct Copies {
    int all = 0;
    int in_sync_min = 0;
  };
  Copies copies() const;

 private:
  static Result<std::unique_ptr<KafkaLog>> OpenOnce(KafkaOptions options);
  class Impl;
  explicit KafkaLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalon::eventstore
