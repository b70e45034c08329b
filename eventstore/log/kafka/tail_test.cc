// What the watch makes of brokers that come and go.
#include "eventstore/log/kafka/tail.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <thread>

#include "eventstore/log/kafka/mock_brokers_testing.h"
#include "eventstore/log/log_testing.h"

namespace jalon::eventstore::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
constexpr Partition kFirst{0}, kSecond{1};
constexpr milliseconds kLook{100};
constexpr seconds kConfirmation{2};
constexpr seconds kPatience{20};

// Of two partitions with an entry each, led by a broker each.
class TailTest : public ::testing::Test {
 protected:
  TailTest() {
    options_.watch_interval = kLook;
    options_.confirmation = kConfirmation;
    brokers_.SetLeader(options_, kFirst, 1);
    brokers_.SetLeader(options_, kSecond, 2);
    for (const Partition partition : {kFirst, kSecond}) {
      testing::MockBrokers::Write(options_, partition, {"entry"});
    }
    tail_ = Tail::Make({options_, recent_, readers_, reach_, 1, [](Partition) {}}).value();
    EXPECT_TRUE(Await([this] { return recent_.Visible(kFirst) + recent_.Visible(kSecond) == 2; }));
  }
  static bool Await(const std::function<bool()>& done) {
    const auto last = steady_clock::now() + kPatience;
    while (!done() && steady_clock::now() < last) std::this_thread::sleep_for(milliseconds(5));
    return done();
  }
  std::string FaultOf(Partition partition) const {
    const auto fault = recent_.Fault(partition);
    return fault ? fault->reason : "";
  }

  const testing::MockBrokers brokers_{2};
  KafkaOptions options_ = brokers_.NewLog(2);
  Recent recent_{{.entries_max = 100, .bytes_max = 10'000}, {0, 0}};
  Readers readers_{options_};
  Reach reach_{2, nullptr};
  std::unique_ptr<Tail> tail_;
};

TEST_F(TailTest, OneBadAnswerOfABrokerStopsNothing) {
  for (const auto error :
       {RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART}) {
    brokers_.AnswerWith(options_, error);
    std::this_thread::sleep_for(5 * kLook);
    brokers_.AnswerWith(options_, RD_KAFKA_RESP_ERR_NO_ERROR);
    EXPECT_TRUE(Await([this] { return reach_.Check(kFirst).has_value(); }));
    EXPECT_EQ(FaultOf(kFirst), "") << rd_kafka_err2name(error);
  }
  brokers_.AnswerWith(options_, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE);
  std::this_thread::sleep_for(2 * kConfirmation);
  EXPECT_EQ(FaultOf(kFirst), "");
}

TEST_F(TailTest, ATopicThatStaysGoneIsALoss) {
  const auto began = steady_clock::now();
  brokers_.AnswerWith(options_, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  ASSERT_TRUE(Await([this] { return !FaultOf(kFirst).empty() && !FaultOf(kSecond).empty(); }));
  EXPECT_GT(steady_clock::now() - began, kConfirmation);
  EXPECT_EQ(FaultOf(kSecond), "PARTITION_DIVERGED");
  const std::string said = recent_.Fault(kSecond)->message;
  EXPECT_NE(said.find("is gone"), std::string::npos) << said;
  EXPECT_NE(said.find("restore the log from a backup"), std::string::npos) << said;
}

TEST_F(TailTest, ASilentBrokerIsAskedAgainUntilItAnswers) {
  brokers_.Slow(1, seconds(30));
  std::this_thread::sleep_for(3 * kLook);  // what was asked before is answered at once
  reach_.Silent(kFirst, {Code::kUnavailable, "LOG_UNREACHABLE", "silent", {}}, {});
  std::this_thread::sleep_for(10 * kLook);
  EXPECT_FALSE(reach_.Check(kFirst));
  EXPECT_TRUE(reach_.Check(kSecond));
  brokers_.Slow(1, seconds(0));
  EXPECT_TRUE(Await([this] { return reach_.Check(kFirst).has_value(); }));
}

TEST_F(TailTest, NobodyAnswersWhileAllAreGone) {
  brokers_.Down(1);
  brokers_.Down(2);
  EXPECT_TRUE(Await([this] { return !reach_.Check(kFirst) && !reach_.Check(kSecond); }));
  brokers_.Up(1);
  brokers_.Up(2);
  EXPECT_TRUE(Await([this] { return reach_.Check(kFirst) && reach_.Check(kSecond); }));
  EXPECT_EQ(FaultOf(kFirst), "");
}

// It comes back with another entry, before anybody asked who leads: the same one does.
TEST_F(TailTest, ABrokerThatCameBackIsComparedWithWhatWasRead) {
  ASSERT_EQ(recent_.Publish({{kSecond, Offset{1}, testing::MakeBlob("theirs was lost")}}).size(),
            1U);
  testing::MockBrokers::Write(options_, kSecond, {"another"});
  std::this_thread::sleep_for(5 * kLook);
  EXPECT_EQ(FaultOf(kSecond), "");  // nothing changed
  brokers_.Down(2);
  std::this_thread::sleep_for(kLook);
  brokers_.Up(2);
  EXPECT_TRUE(Await([this] { return FaultOf(kSecond) == "PARTITION_DIVERGED"; }));
  EXPECT_EQ(FaultOf(kFirst), "");
}

}  // namespace
}  // namespace jalon::eventstore::kafka
