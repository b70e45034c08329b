// What Kafka alone can do to a log: a broker that dies, pauses, or comes back with less. Each test
// says what its fault did, so that none passes where it did not bite.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include "eventstore/log/kafka/broker_testing.h"
#include "eventstore/log/kafka/kafka_log.h"
#include "eventstore/log/log_testing.h"

namespace jalon::eventstore::testing {
namespace {

using std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::seconds(30);

std::unique_ptr<KafkaLog> OpenLog(const KafkaOptions& options) {
  auto opened = KafkaLog::Open(options);
  if (!opened) {
    ADD_FAILURE() << opened.error().message;
    std::abort();
  }
  return std::move(*opened);
}

// Until a poll fails; what it said. Entries are counted.
std::string AwaitFault(Follower& follower) {
  for (const auto last = steady_clock::now() + kPatience; steady_clock::now() < last;) {
    const auto polled = follower.Poll({});
    if (!polled) return polled.error().reason;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return "none";
}

void Write(Log& log, int count, const std::string& text) {
  for (int i = 0; i < count; ++i) {
    ASSERT_TRUE(log.Append(Partition{0}, {MakeBlob(text + std::to_string(i))}));
  }
}

// The broker dies under load and comes back: what was seen before is there, in order, and what was
// on its way comes there, or its fate is told by what is read.
TEST(KafkaBroker, ThatIsKilledAndComesBackLosesNothingSeen) {
  const Brokers brokers(1);
  const KafkaOptions options = brokers.NewLog();
  ASSERT_TRUE(KafkaLog::Create(options, TestBirth(1)));
  const auto log = OpenLog(options);
  const auto follower = log->Follow({{Partition{0}, Offset{1}}}, [] {}).value();
  std::vector<std::string> seen;
  const auto look = [&] {
    const auto polled = follower->Poll({});
    ASSERT_TRUE(polled) << polled.error().message;
    for (const StoredEntry& entry : *polled) seen.push_back(*entry.bytes);
  };
  int written = 0;
  const auto write = [&] {
    if (log->Append(Partition{0}, {MakeBlob(std::to_string(written))})) ++written;
  };
  while (seen.size() < 500) {
    if (seen.size() + 100 < static_cast<size_t>(written)) {
      look();
      continue;
    }
    write();
    look();
  }
  brokers.Do("kill 1");
  const size_t before = seen.size();
  for (int i = 0; i < 200; ++i) write();                                // on their way to nobody
  EXPECT_EQ(log->Head(Partition{0}).error().code, Code::kUnavailable);  // the fault bit
  look();
  EXPECT_LE(seen.size(), static_cast<size_t>(written) - 200);
  brokers.Do("start 1");
  const auto last = steady_clock::now() + kPatience;
  while (seen.size() < before + 1 && steady_clock::now() < last) {
    write();
    look();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ASSERT_GT(seen.size(), before);  // it recovered by itself
  for (size_t i = 0; i < before; ++i) ASSERT_EQ(seen[i], std::to_string(i));
  follower->Poll({}).value();
  EXPECT_EQ(TextsOf(ReadAll(*log, Partition{0}), 0).front(), "0");
}

// Whoever asks for many partitions in turn waits for a broker that is away once, and not as often.
TEST(KafkaBroker, ThatIsAwayIsWaitedForOnce) {
  constexpr uint32_t kPartitions = 8;
  const Brokers brokers(1);
  KafkaOptions options = brokers.NewLog();
  options.patience = std::chrono::seconds(2);
  std::string told;
  options.on_reach = [&told](const std::optional<Error>& away) {
    told += away ? away->reason + " " : "there ";
  };
  ASSERT_TRUE(KafkaLog::Create(options, TestBirth(kPartitions)));
  {
    const auto log = OpenLog(options);
    brokers.Do("kill 1");
    const auto began = steady_clock::now();
    for (uint32_t p = 0; p < kPartitions; ++p) {
      EXPECT_EQ(log->Head(Partition{p}).error().reason, "LOG_UNREACHABLE");
      EXPECT_EQ(log->ReadFrom(Partition{p}, Offset{0}, {}).error().reason, "LOG_UNREACHABLE");
    }
    EXPECT_LT(steady_clock::now() - began, 2 * options.patience);
    brokers.Do("start 1");
    const auto last = steady_clock::now() + kPatience;
    while (!log->Head(Partition{0}) && steady_clock::now() < last) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    for (uint32_t p = 0; p < kPartitions; ++p) EXPECT_EQ(log->Head(Partition{p}), Offset{1});
  }
  EXPECT_EQ(told, "LOG_UNREACHABLE there ");
}

// A segment is cut while the broker is down: one who had read further is told, loudly, and so is
// one who looks for what it counted.
TEST(KafkaBroker, ThatComesBackWithLessIsFoundOut) {
  const Brokers brokers(1);
  KafkaOptions options = brokers.NewLog();
  options.confirmation = std::chrono::seconds(2);
  ASSERT_TRUE(KafkaLog::Create(options, TestBirth(1)));
  const auto log = OpenLog(options);
  Write(*log, 300, "entry ");
  AwaitHead(*log, 0, 301);
  const auto follower = log->Follow({{Partition{0}, Offset{0}}}, [] {}).value();
  ASSERT_EQ(follower->Poll({}).value().size(), 301u);
  brokers.Do("kill 1");
  const std::filesystem::path segment = std::filesystem::path(brokers.folder()) / "1" / "data" /
                                        (options.prefix + ".log.v1-0") / "00000000000000000000.log";
  const auto bytes = std::filesystem::file_size(segment);
  std::filesystem::resize_file(segment, bytes / 2);
  brokers.Do("start 1");
  EXPECT_EQ(AwaitFault(*follower), "PARTITION_DIVERGED");
  EXPECT_EQ(log->ReadFrom(Partition{0}, Offset{300}, {}).error().reason, "PARTITION_DIVERGED");
  EXPECT_EQ(log->Head(Partition{0}).error().reason, "PARTITION_DIVERGED");
}

}  // namespace
}  // namespace jalon::eventstore::testing
