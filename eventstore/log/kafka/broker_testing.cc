#include "eventstore/log/kafka/broker_testing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "eventstore/log/kafka/topic.h"

namespace jalon::eventstore::testing {
namespace {

// What the program said on its standard output; aborts if it failed, which it said on stderr.
std::string Run(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) std::abort();
  std::string said;
  char block[256];
  while (const size_t count = fread(block, 1, sizeof block, pipe)) said.append(block, count);
  if (const int status = pclose(pipe); status != 0) {
    fmt::print(stderr, "{}: exit {}\n", command, status);
    std::abort();
  }
  while (!said.empty() && said.back() == '\n') said.pop_back();
  return said;
}

}  // namespace

Brokers& Brokers::Shared() {
  static Brokers brokers(1);
  return brokers;
}

Brokers::Brokers(int count) : count_(count) {
  static std::atomic<int> made = 0;
  folder_ =
      (std::filesystem::temp_directory_path() / fmt::format("jalon-kafka-{}-{}", getpid(), ++made))
          .string();
  addresses_ = Run(fmt::format("deploy/kafka/broker up --brokers {} --folder {} --while {}", count,
                               folder_, getpid()));
}

Brokers::~Brokers() { Do("down"); }

KafkaOptions Brokers::NewLog() const {
  static std::atomic<int> logs = 0;
  KafkaOptions options;
  options.brokers = addresses_;
  options.prefix = fmt::format("test{}", ++logs);
  options.unsafe_single_broker = count_ == 1;
  options.on_trouble = [](const std::string& line) { fmt::print(stderr, "kafka: {}\n", line); };
  return options;
}

void Brokers::MakeTopic(const KafkaOptions& options, const std::string& name, uint32_t partitions,
                        const std::map<std::string, std::string>& but) {
  const auto handle = kafka::MakeHandle(RD_KAFKA_PRODUCER, options, {}).value();
  kafka::NewTopicSpec spec = kafka::LastingTopic(name, partitions);
  for (const auto& [setting, value] : but) {
    std::erase_if(spec.settings, [&](const auto& known) { return known.first == setting; });
    spec.settings.emplace_back(setting.c_str(), value);
  }
  const Result<void> made = kafka::CreateTopic(handle.get(), options, spec);
  ASSERT_TRUE(made) << made.error().message;
  const auto topic = kafka::MakeTopic(handle.get(), name, "error").value();
  ASSERT_TRUE(kafka::AwaitLeaders(handle.get(), topic.get(), kafka::Patient(options)));
}

void Brokers::DeleteRecords(const KafkaOptions& options, Partition partition, uint64_t first) {
  const auto handle = kafka::MakeHandle(RD_KAFKA_PRODUCER, options, {}).value();
  rd_kafka_topic_partition_list_t* places = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(places, kafka::LogTopic(options).c_str(),
                                    static_cast<int32_t>(partition.value))
      ->offset = static_cast<int64_t>(first);
  rd_kafka_DeleteRecords_t* wanted = rd_kafka_DeleteRecords_new(places);
  rd_kafka_topic_partition_list_destroy(places);
  const kafka::Queue queue(rd_kafka_queue_new(handle.get()));
  rd_kafka_DeleteRecords(handle.get(), &wanted, 1, nullptr, queue.get());
  rd_kafka_DeleteRecords_destroy(wanted);
  constexpr int kMs = 20'000;
  const kafka::Event done(rd_kafka_queue_poll(queue.get(), kMs));
  ASSERT_NE(done, nullptr);
  ASSERT_EQ(rd_kafka_event_error(done.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
}

void Brokers::Do(const std::string& verb) const {
  Run(fmt::format("deploy/kafka/broker {} --folder {}", verb, folder_));
}

}  // namespace jalon::eventstore::testing
