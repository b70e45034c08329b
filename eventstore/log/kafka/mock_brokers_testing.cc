#include "eventstore/log/kafka/mock_brokers_testing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "eventstore/log/kafka/producer.h"
#include "eventstore/log/log_testing.h"

namespace jalon::eventstore::testing {

MockBrokers::MockBrokers(int count) {
  char error[512];
  handle_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), error, sizeof error));
  cluster_ = rd_kafka_mock_cluster_new(handle_.get(), count);
}

MockBrokers::~MockBrokers() { rd_kafka_mock_cluster_destroy(cluster_); }

KafkaOptions MockBrokers::NewLog(uint32_t partitions) const {
  static std::atomic<int> logs = 0;
  KafkaOptions options;
  options.brokers = rd_kafka_mock_cluster_bootstraps(cluster_);
  options.prefix = fmt::format("mock{}", ++logs);
  options.patience = std::chrono::milliseconds(2000);
  options.on_trouble = [](const std::string& line) {
    if (line.starts_with("AUTOCREATE")) return;  // they speak an older protocol than real ones
    fmt::print(stderr, "mock: {}\n", line);
  };
  EXPECT_EQ(rd_kafka_mock_topic_create(cluster_, kafka::LogTopic(options).c_str(),
                                       static_cast<int>(partitions), 1),
            RD_KAFKA_RESP_ERR_NO_ERROR);
  return options;
}

void MockBrokers::Write(const KafkaOptions& options, Partition partition,
                        const std::vector<std::string>& texts) {
  std::atomic<int> there = 0;
  const auto producer = kafka::Producer::Make(options, [&there](Partition, auto offset) {
                          if (offset) ++there;
                        }).value();
  std::vector<Blob> entries;
  entries.reserve(texts.size());
  for (const std::string& text : texts) entries.push_back(MakeBlob(text));
  ASSERT_TRUE(producer->Produce(partition, entries, [] {}));
  AwaitEqual(there, static_cast<int>(texts.size()));
}

void MockBrokers::AnswerWith(const KafkaOptions& options, rd_kafka_resp_err_t error) const {
  rd_kafka_mock_topic_set_error(cluster_, kafka::LogTopic(options).c_str(), error);
}

void MockBrokers::SetLeader(const KafkaOptions& options, Partition partition, int broker) const {
  rd_kafka_mock_partition_set_leader(cluster_, kafka::LogTopic(options).c_str(),
                                     static_cast<int32_t>(partition.value), broker);
}

}  // namespace jalon::eventstore::testing
