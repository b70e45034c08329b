// The nodes' heartbeats on Kafka: a topic of one partition, compacted by the node's name, that each
// node reads from its end.
//
// A heartbeat is handed over with acks=1 and never waited for: one that is lost is followed by
// another. So this is a client of its own, beside the log's.
//
// Thread safety: as Board. librdkafka has threads of its own.
#pragma once

#include <memory>

#include "eventstore/log/kafka/options.h"
#include "eventstore/owners/board.h"

namespace jalon::eventstore {

class KafkaBoard final : public Board {
 public:
  // NOT_FOUND LOG_NOT_BORN where there is no such topic: 'jalon log init' makes it.
  static Result<std::unique_ptr<KafkaBoard>> Open(KafkaOptions options);
  ~KafkaBoard() override;

  Result<void> Post(std::string_view node, std::string post) override;
  Result<std::vector<std::string>> Poll() override;

 private:
  class Impl;
  explicit KafkaBoard(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalon::eventstore
