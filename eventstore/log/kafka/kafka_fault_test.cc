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
#include "eventstore/log/kafka/client.h"
#include "eventstore/log/kafka/kafka_log.h"
#include "eventstore/log/kafka/producer.h"
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
  while (!log->Head(Partition{0}) && steady_clock::now() < last) {  // heard again a moment later
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
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
  EXPECT_TRUE(told.starts_with("LOG_UNREACHABLE ") && told.ends_with("there ")) << told;
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

// Of partition 0, as the brokers count.
uint64_t EndOf(const KafkaOptions& options) {
  const auto asking = kafka::MakeHandle(RD_KAFKA_CONSUMER, options, {}).value();
  return kafka::ReadEdges(asking.get(), kafka::Edge::kEnd, {Partition{0}}, options).value()[0];
}

void AwaitEnd(const KafkaOptions& options, uint64_t end) {
  const auto last = steady_clock::now() + kPatience;
  while (EndOf(options) < end && steady_clock::now() < last) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

// Somebody's transaction, whose end Kafka marks by an offset that no reader is given.
void WriteInTransaction(const KafkaOptions& options, const std::string& text) {
  constexpr int kMs = 20'000;
  const auto writer =
      kafka::MakeHandle(RD_KAFKA_PRODUCER, options, {{"transactional.id", options.prefix}}).value();
  const auto topic = kafka::MakeTopic(writer.get(), options).value();
  ASSERT_EQ(rd_kafka_init_transactions(writer.get(), kMs), nullptr);
  ASSERT_EQ(rd_kafka_begin_transaction(writer.get()), nullptr);
  std::string bytes = text;
  ASSERT_EQ(rd_kafka_produce(topic.get(), 0, RD_KAFKA_MSG_F_COPY, bytes.data(), bytes.size(),
                             nullptr, 0, nullptr),
            0);
  ASSERT_EQ(rd_kafka_flush(writer.get(), kMs), RD_KAFKA_RESP_ERR_NO_ERROR);
  const uint64_t before = EndOf(options);
  ASSERT_EQ(rd_kafka_commit_transaction(writer.get(), kMs), nullptr);
  AwaitEnd(options, before + 1);  // the mark comes a moment later
}

// An offset without an entry: who follows, who reads back and who opens the log say so alike.
TEST(KafkaBroker, ThatLeavesAnOffsetOutIsFoundOut) {
  const KafkaOptions options = Brokers::Shared().NewLog();
  ASSERT_TRUE(KafkaLog::Create(options, TestBirth(1)));
  const auto log = OpenLog(options);
  const auto follower = log->Follow({{Partition{0}, Offset{0}}}, [] {}).value();
  WriteInTransaction(options, "between");  // offset 1, and its mark 2
  Write(*log, 1, "after ");
  EXPECT_EQ(AwaitFault(*follower), "PARTITION_DIVERGED");
  EXPECT_EQ(log->Head(Partition{0}).error().reason, "PARTITION_DIVERGED");
  EXPECT_EQ(KafkaLog::Open(options).error().reason, "PARTITION_DIVERGED");

  // So far back that a start does not read it.
  const KafkaOptions other = Brokers::Shared().NewLog();
  ASSERT_TRUE(KafkaLog::Create(other, TestBirth(1)));
  WriteInTransaction(other, "between");
  const auto producer = kafka::Producer::Make(other, [](auto, auto) {}).value();
  const std::vector<Blob> many(50, MakeBlob("after"));
  ASSERT_TRUE(producer->Produce(Partition{0}, many, [] {}));
  AwaitEnd(other, 53);
  const auto opened = OpenLog(other);
  const auto began = steady_clock::now();
  const auto read = opened->ReadFrom(Partition{0}, Offset{0}, {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, "PARTITION_DIVERGED");
  EXPECT_NE(read.error().message.find("after offset 2"), std::string::npos);
  EXPECT_LT(steady_clock::now() - began, other.patience);
}

// Its first records were deleted: no start, and whoever needs them from a log that is open is told.
TEST(KafkaBroker, ThatDeletedTheFirstRecordsIsFoundOut) {
  KafkaOptions options = Brokers::Shared().NewLog();
  options.confirmation = std::chrono::seconds(2);
  ASSERT_TRUE(KafkaLog::Create(options, TestBirth(1)));
  const auto log = OpenLog(options);
  Write(*log, 100, "entry ");
  AwaitHead(*log, 0, 101);
  Brokers::DeleteRecords(options, Partition{0}, 5);
  const auto again = KafkaLog::Open(options);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, "LOG_CORRUPT");
  EXPECT_NE(again.error().message.find("begins at offset 5: its first records were deleted"),
            std::string::npos)
      << again.error().message;
  const auto read = log->ReadFrom(Partition{0}, Offset{0}, {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, "LOG_CORRUPT") << read.error().message;
  EXPECT_EQ(log->ReadFrom(Partition{0}, Offset{5}, {}).value().size(), 96U);
}

}  // namespace
}  // namespace jalon::eventstore::testing
