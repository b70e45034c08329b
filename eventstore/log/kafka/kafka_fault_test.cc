// What Kafka alone can do to a log: a broker that dies, pauses, or comes back with less; a topic
// that is not what it must be. Each test says what its fault did, so that none passes where it did
// not bite.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "eventstore/log/kafka/broker_testing.h"
#include "eventstore/log/kafka/kafka_log.h"
#include "eventstore/log/kafka/producer.h"
#include "eventstore/log/kafka/topic.h"
#include "eventstore/log/log_testing.h"
#include "eventstore/log/record.h"

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

// The reason why it does not open.
std::string Refusal(const KafkaOptions& options) {
  const auto opened = KafkaLog::Open(options);
  if (opened) return "opened";
  EXPECT_FALSE(opened.error().message.empty());
  return opened.error().reason;
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

TEST(KafkaBirth, HappensOnce) {
  const KafkaOptions options = Brokers::Shared().NewLog();
  EXPECT_EQ(Refusal(options), "LOG_NOT_BORN");
  ASSERT_TRUE(KafkaLog::Create(options, TestBirth(4)));
  EXPECT_EQ(KafkaLog::Create(options, TestBirth(4)).error().reason, "LOG_EXISTS");
  EXPECT_EQ(OpenLog(options)->birth().log_incarnation, TestBirth(4).log_incarnation);
}

TEST(KafkaBirth, HasOnePartitionMoreForTheSystem) {
  const KafkaOptions options = Brokers::Shared().NewLog();
  const Birth birth = TestBirthWithSystem(4);
  ASSERT_TRUE(KafkaLog::Create(options, birth));
  const auto log = OpenLog(options);
  EXPECT_TRUE(log->birth().system_partition);
  EXPECT_EQ(log->Head(Partition{4}), Offset{1});
  EXPECT_EQ(log->Head(Partition{5}).error().reason, "PARTITION_UNKNOWN");

  // A topic with another number of partitions than its geneses tell of.
  for (const int more : {-1, 1}) {
    std::vector<log::v1::Genesis> geneses = GenesesOf(birth);
    if (more < 0) geneses.pop_back();
    if (more > 0) geneses.push_back(GenesisOf(birth, Partition{5}));
    const KafkaOptions other = Brokers::Shared().NewLog();
    ASSERT_TRUE(KafkaLog::Create(other, geneses));
    const auto opened = KafkaLog::Open(other);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().reason, "LOG_MISCONFIGURED");
    const std::string counts = more < 0 ? "has 4 partitions, and was born with 5"
                                        : "has 6 partitions, and was born with 5";
    EXPECT_NE(opened.error().message.find(counts), std::string::npos) << opened.error().message;
  }
}

// A copy that died when its topic had a genesis in one partition only.
TEST(KafkaBirth, OfACopyIsFinishedByThatCopyAlone) {
  const KafkaOptions options = Brokers::Shared().NewLog();
  EXPECT_EQ(KafkaLog::Begun(options).value(), std::nullopt);
  std::vector<log::v1::Genesis> geneses = GenesesOf(TestBirth(3));
  for (log::v1::Genesis& genesis : geneses) {
    genesis = Copied(genesis, {"the second life.", 0}, {.seq = Seq{0}, .hash = {}, .entries = 1});
  }
  {
    const auto handle = kafka::MakeHandle(RD_KAFKA_PRODUCER, options, {}).value();
    ASSERT_TRUE(kafka::CreateTopic(handle.get(), options,
                                   kafka::LastingTopic(kafka::LogTopic(options), 3)));
    const auto producer = kafka::Producer::Make(options, [](auto, auto) {}).value();
    ASSERT_TRUE(producer->Produce(Partition{1}, {EncodeGenesis(geneses[1])}, [] {}));
  }
  EXPECT_EQ(KafkaLog::Begun(options)->value().log_incarnation(), "the second life.");
  EXPECT_EQ(Refusal(options), "LOG_NOT_BORN");
  EXPECT_EQ(KafkaLog::Create(options, TestBirth(3)).error().reason, "LOG_EXISTS");
  std::vector<log::v1::Genesis> others = geneses;
  for (log::v1::Genesis& genesis : others) genesis.set_log_incarnation("the third life..");
  EXPECT_EQ(KafkaLog::Create(options, others).error().reason, "LOG_EXISTS");
  ASSERT_TRUE(KafkaLog::Create(options, geneses));
  ASSERT_TRUE(KafkaLog::Create(options, geneses));
  EXPECT_EQ(OpenLog(options)->birth().log_incarnation, "the second life.");
}

TEST(KafkaBirth, SaysThatNoBrokerAnswers) {
  KafkaOptions options;
  options.brokers = "127.0.0.1:1";
  options.patience = std::chrono::milliseconds(500);
  EXPECT_EQ(Refusal(options), "LOG_UNREACHABLE");
}

TEST(KafkaBirth, WantsThreeCopiesUnlessToldOtherwise) {
  KafkaOptions options = Brokers::Shared().NewLog();
  ASSERT_TRUE(KafkaLog::Create(options, TestBirth(2)));
  options.unsafe_single_broker = false;
  EXPECT_EQ(Refusal(options), "LOG_MISCONFIGURED");
  KafkaOptions safe = Brokers::Shared().NewLog();
  safe.unsafe_single_broker = false;
  EXPECT_EQ(KafkaLog::Create(safe, TestBirth(2)).error().reason, "LOG_MISCONFIGURED");
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
