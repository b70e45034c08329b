// How a log on Kafka is born, once and whole, and which topics are refused.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "eventstore/log/kafka/broker_testing.h"
#include "eventstore/log/kafka/kafka_log.h"
#include "eventstore/log/kafka/producer.h"
#include "eventstore/log/kafka/topic.h"
#include "eventstore/log/log_testing.h"
#include "eventstore/log/record.h"

namespace jalon::eventstore::testing {
namespace {

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
  for (const Error& error :
       {KafkaLog::Open(options).error(), KafkaLog::Create(options, TestBirth()).error(),
        KafkaLog::Begun(options).error()}) {
    EXPECT_EQ(error.reason, "LOG_UNREACHABLE");
    EXPECT_NE(error.message.find("127.0.0.1:1"), std::string::npos) << error.message;
    EXPECT_TRUE(
        error.message.ends_with("; start its brokers, or correct the address, then try again"))
        << error.message;
  }
}

TEST(KafkaBirth, WantsThreeCopiesUnlessToldOtherwise) {
  KafkaOptions options = Brokers::Shared().NewLog();
  ASSERT_TRUE(KafkaLog::Create(options, TestBirth(2)));
  options.unsafe_single_broker = false;
  EXPECT_EQ(Refusal(options), "LOG_MISCONFIGURED");
  KafkaOptions one_copy = Brokers::Shared().NewLog();
  Brokers::MakeTopic(one_copy, kafka::LogTopic(one_copy), 1, {{"min.insync.replicas", "2"}});
  one_copy.unsafe_single_broker = false;
  const std::string said = KafkaLog::Open(one_copy).error().message;
  EXPECT_NE(said.find("the number of copies is 1, it must be 3 or more"), std::string::npos)
      << said;
  KafkaOptions safe = Brokers::Shared().NewLog();
  safe.unsafe_single_broker = false;
  EXPECT_EQ(KafkaLog::Create(safe, TestBirth(2)).error().reason, "LOG_MISCONFIGURED");
}

// A topic that may lose records, whoever made it so, is not relied upon.
TEST(KafkaBirth, WantsATopicThatKeepsEverything) {
  struct Wrong {
    std::string setting, value, must;
    bool one_copy = true;
  };
  const std::vector<Wrong> table = {
      {"cleanup.policy", "compact", "delete"},
      {"cleanup.policy", "compact,delete", "delete"},
      {"retention.ms", "604800000", "-1"},
      {"retention.bytes", "1073741824", "-1"},
      {"unclean.leader.election.enable", "true", "false"},
      {"message.timestamp.type", "CreateTime", "LogAppendTime"},
      {"min.insync.replicas", "1", "2 or more", false},
  };
  for (const auto& [setting, value, must, one_copy] : table) {
    KafkaOptions options = Brokers::Shared().NewLog();
    Brokers::MakeTopic(options, kafka::LogTopic(options), 1, {{setting, value}});
    options.unsafe_single_broker = one_copy;
    const auto opened = KafkaLog::Open(options);
    ASSERT_FALSE(opened) << setting << "=" << value;
    EXPECT_EQ(opened.error().reason, "LOG_MISCONFIGURED");
    const std::string words = fmt::format(
        "topic {}: {} is {}, it must be {}: records could be lost; set it with "
        "kafka-configs and start again",
        kafka::LogTopic(options), setting, value, must);
    EXPECT_EQ(opened.error().message, words);
  }
}

TEST(KafkaBirth, SaysHowManyCopiesThereAre) {
  const KafkaOptions options = Brokers::Shared().NewLog();
  ASSERT_TRUE(KafkaLog::Create(options, TestBirth(2)));
  EXPECT_EQ(OpenLog(options)->copies().all, 1);
  EXPECT_EQ(OpenLog(options)->copies().in_sync_min, 1);
}

// Two runs of `jalon log init` before there was anything against it, or one whose message came
// late, leave such a topic.
TEST(KafkaBirth, OfTwoLogsInOneTopicIsRefused) {
  Birth other = TestBirth(3);
  other.cluster_id = "cluster-of-other";
  std::vector<log::v1::Genesis> geneses = GenesesOf(TestBirth(3));
  geneses[2] = GenesisOf(other, Partition{2});
  const KafkaOptions options = Brokers::Shared().NewLog();
  ASSERT_TRUE(KafkaLog::Create(options, geneses));
  const auto opened = KafkaLog::Open(options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, "LOG_CORRUPT");
  EXPECT_NE(opened.error().message.find("partition 2"), std::string::npos);
}

TEST(KafkaBirth, ByTwoAtOnceIsThatOfOne) {
  constexpr int kRounds = 8;
  std::array<Birth, 2> births = {TestBirth(16), TestBirth(16)};
  births[1].log_incarnation = "incarnation-of-2";
  for (int round = 0; round < kRounds; ++round) {
    const KafkaOptions options = Brokers::Shared().NewLog();
    std::array<std::string, 2> reasons;
    {
      std::array<std::jthread, 2> runs;
      for (size_t i = 0; i < runs.size(); ++i) {
        runs[i] = std::jthread([&, i] {
          const Result<void> made = KafkaLog::Create(options, births[i]);
          if (!made) reasons[i] = made.error().reason;
        });
      }
    }
    for (const std::string& reason : reasons) EXPECT_TRUE(reason.empty() || reason == "LOG_EXISTS");
    EXPECT_EQ(Refusal(options), "opened");
  }
}

// What was handed over and not heard of comes after another run began.
TEST(KafkaBirth, ThatComesLateIsNotCounted) {
  const KafkaOptions options = Brokers::Shared().NewLog();
  ASSERT_TRUE(KafkaLog::Create(options, TestBirth(2)));
  Birth late = TestBirth(2);
  late.log_incarnation = "incarnation-late";
  const auto log = OpenLog(options);
  for (const uint32_t p : {0U, 1U}) {
    ASSERT_TRUE(log->Append(Partition{p}, {EncodeGenesis(GenesisOf(late, Partition{p}))}));
    AwaitHead(*log, p, 2);
  }
  EXPECT_EQ(OpenLog(options)->birth().log_incarnation, TestBirth().log_incarnation);
}

}  // namespace
}  // namespace jalon::eventstore::testing
