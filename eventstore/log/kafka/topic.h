// A deployment's topics: how they are made, and what that of the log must be like before a node
// relies on it.
#pragma once

#include <cstdint>
#include <string>

#include "eventstore/log/kafka/client.h"

namespace jalon::eventstore::kafka {

// Copies of each record, and how many brokers must hold one before it is taken.
struct Durability {
  int copies = 3;
  int in_sync_min = 2;
};
// What a new topic gets, and the least that is accepted.
Durability DurabilityOf(const KafkaOptions& options);

// What a topic is for says what its brokers may do to it.
struct NewTopicSpec {
  std::string name;
  uint32_t partitions = 1;
  Settings settings;  // beside, or instead of, what every topic of ours has
};
// One that keeps every record for ever, in the order and under the time of the broker.
NewTopicSpec LastingTopic(std::string name, uint32_t partitions);
// That of the nodes' heartbeats.
NewTopicSpec OwnersTopicSpec(const KafkaOptions& options);

// ALREADY_EXISTS LOG_EXISTS if there is one of this name.
Result<void> CreateTopic(rd_kafka_t* handle, const KafkaOptions& options, const NewTopicSpec& spec);

// With the patience that a topic needs which was just made.
KafkaOptions Patient(KafkaOptions options);
// Waits until each partition has a leader; how many there are.
Result<size_t> AwaitLeaders(rd_kafka_t* handle, rd_kafka_topic_t* topic,
                            const KafkaOptions& options);

// Reads the effective configuration of a lasting topic. FAILED_PRECONDITION LOG_MISCONFIGURED names
// the first setting under which records could be lost, and what it must be.
Result<Durability> CheckTopic(rd_kafka_t* handle, const KafkaOptions& options,
                              const std::string& name, const std::vector<Replicas>& replicas);

}  // namespace jalon::eventstore::kafka
