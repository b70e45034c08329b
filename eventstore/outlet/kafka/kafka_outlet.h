// An outlet into a topic of Kafka: an idempotent producer that leaves no gap, and the offsets of a
// consumer group that nobody joins, which keep how far the log's topic was told.
//
// Partitions by key as Kafka's Java clients do (murmur2), so that a key's messages lie where they
// would put them.
#pragma once

#include <memory>
#include <string>

#include "eventstore/log/kafka/options.h"
#include "eventstore/outlet/outlet.h"

namespace jalon::eventstore {

class KafkaOutlet final : public Outlet {
 public:
  // The name of the topic: "jalon.events.v1".
  static std::string TopicName(const KafkaOptions& options);

  // Makes the topic: of as many partitions as the log, nothing ever deleted, stamped by the broker.
  // ALREADY_EXISTS OUTLET_EXISTS; otherwise the errors of a log's creation.
  static Result<void> Create(const KafkaOptions& options, uint32_t partition_count);

  // NOT_FOUND OUTLET_NOT_BORN without the topic; FAILED_PRECONDITION OUTLET_MISCONFIGURED if it has
  // another number of partitions, or does not keep what it was told; UNAVAILABLE LOG_UNREACHABLE.
  static Result<std::unique_ptr<KafkaOutlet>> Open(const KafkaOptions& options,
                                                   uint32_t partition_count);
  ~KafkaOutlet() override;

  Result<bool> Send(const OutMessage& message, uint64_t ticket) override;
  Result<std::vector<uint64_t>> Delivered() override;
  Result<void> Reset() override;
  Result<std::vector<OutletPlace>> Load() override;
  Result<void> Keep(const std::vector<OutletPlace>& places, bool wait) override;

 private:
  class Impl;
  explicit KafkaOutlet(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalon::eventstore
