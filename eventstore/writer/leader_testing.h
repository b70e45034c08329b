// Who leads a partition of a log on Kafka, for tests that disturb that broker and no other.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

#include "eventstore/log/kafka/client.h"

namespace jalon::eventstore::testing {

class Leader {
 public:
  Leader(const KafkaOptions& options, Partition partition)
      : options_(options),
        partition_(partition),
        handle_(kafka::MakeHandle(RD_KAFKA_PRODUCER, options_, {}).value()),
        topic_(kafka::MakeTopic(handle_.get(), options_).value()) {}

  // The leader's id once a broker says of the partition what `is` likes; -1: none did, for minutes.
  int Await(const std::function<bool(const kafka::Replicas&)>& is) {
    const auto last = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < last) {
      const auto replicas = kafka::ReadReplicas(handle_.get(), topic_.get(), options_);
      if (replicas && is((*replicas)[partition_.value]))
        return (*replicas)[partition_.value].leader;
      std::this_thread::sleep_for(kLook);
    }
    return -1;
  }
  int AwaitOtherThan(int broker) {
    return Await([&](const auto& now) { return now.leader != -1 && now.leader != broker; });
  }
  int AwaitAllInSync() {
    return Await([](const auto& now) { return now.leader != -1 && now.in_sync == now.copies; });
  }

 private:
  static constexpr auto kPatience = std::chrono::minutes(2);
  static constexpr auto kLook = std::chrono::milliseconds(50);

  const KafkaOptions options_;
  const Partition partition_;
  const kafka::Handle handle_;
  const kafka::Topic topic_;
};

}  // namespace jalon::eventstore::testing
