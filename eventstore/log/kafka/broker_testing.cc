#include "eventstore/log/kafka/broker_testing.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

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

void Brokers::Do(const std::string& verb) const {
  Run(fmt::format("deploy/kafka/broker {} --folder {}", verb, folder_));
}

}  // namespace jalon::eventstore::testing
