// Brokers that librdkafka plays (its mock cluster, rdkafka_mock.h): they answer at once, and badly
// where they are told to. For what a real one does in rare moments only; laws and faults of a log
// are tested on a real one (broker_testing.h).
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <string>
#include <vector>

#include "eventstore/log/kafka/client.h"

namespace jalon::eventstore::testing {

// Numbered from 1.
class MockBrokers {
 public:
  explicit MockBrokers(int count);
  ~MockBrokers();
  MockBrokers(const MockBrokers&) = delete;
  MockBrokers& operator=(const MockBrokers&) = delete;

  // Of a log whose topic is there, and empty.
  KafkaOptions NewLog(uint32_t partitions) const;
  // Appends these to the partition, and waits until they are there.
  static void Write(const KafkaOptions& options, Partition partition,
                    const std::vector<std::string>& texts);

  // What is said of the log's topic to whoever asks who leads it.
  void AnswerWith(const KafkaOptions& options, rd_kafka_resp_err_t error) const;
  void SetLeader(const KafkaOptions& options, Partition partition, int broker) const;
  void Down(int broker) const { rd_kafka_mock_broker_set_down(cluster_, broker); }
  void Up(int broker) const { rd_kafka_mock_broker_set_up(cluster_, broker); }
  // How long it takes for each answer.
  void Slow(int broker, std::chrono::milliseconds delay) const {
    rd_kafka_mock_broker_set_rtt(cluster_, broker, static_cast<int>(delay.count()));
  }

 private:
  kafka::Handle handle_;
  rd_kafka_mock_cluster_t* cluster_;
};

}  // namespace jalon::eventstore::testing
