// Two nodes and their callers on a real Apache Kafka, which is paused, killed and started
// meanwhile: what a caller was told counts, once, at the place it was told, and nothing else does.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

#include "eventstore/log/kafka/broker_testing.h"
#include "eventstore/log/kafka/kafka_log.h"
#include "eventstore/log/kafka/topic.h"
#include "eventstore/log/log_testing.h"
#include "eventstore/writer/nodes_testing.h"

namespace jalon::eventstore::testing {
namespace {

constexpr int kCallers = 4;
constexpr int kCalls = 40;  // a round, of each
constexpr auto kMoment = std::chrono::seconds(3);

std::unique_ptr<KafkaLog> OpenLog(const KafkaOptions& options) {
  auto opened = KafkaLog::Open(options);
  EXPECT_TRUE(opened) << opened.error().message;
  return std::move(opened).value();
}

// Callers who go on until they are told to stop; each round adds to a counter of its own.
class Callers {
 public:
  explicit Callers(const std::vector<std::unique_ptr<Node>>& nodes) {
    for (int caller = 0; caller < kCallers; ++caller) {
      threads_.emplace_back([this, &nodes, caller](const std::stop_token& stop) {
        for (int round = 0; !stop.stop_requested(); ++round) {
          const std::string key = fmt::format("{}/{}", caller, round);
          Tally told = CallAll(nodes, caller + kCallers * round, kCalls, key);
          Tally& all = told_[static_cast<size_t>(caller)];
          all.refused += told.refused;
          all.asked_again += told.asked_again;
          answered_ += kCalls;
          all.accepted.merge(told.accepted);
          EXPECT_TRUE(told.accepted.empty());  // a position was told twice
        }
      });
    }
  }
  // Until so many more were answered.
  void Await(int more) const {
    for (const int until = answered_ + more; answered_ < until;) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  int answered() const { return answered_; }
  Tally Stop() {
    threads_.clear();
    Tally all;
    for (Tally& told : told_) {
      all.refused += told.refused;
      all.asked_again += told.asked_again;
      all.accepted.merge(told.accepted);
      EXPECT_TRUE(told.accepted.empty());
    }
    return all;
  }

 private:
  std::array<Tally, kCallers> told_;
  std::atomic<int> answered_ = 0;
  std::vector<std::jthread> threads_;
};

TEST(WritersOnKafka, AnswerWhatCountsOnceThroughFaults) {
  const Brokers brokers(1);
  const KafkaOptions options = brokers.NewLog();
  ASSERT_TRUE(KafkaLog::Create(options, TestBirth()));
  const std::array logs = {OpenLog(options), OpenLog(options)};  // of two nodes
  std::vector<std::unique_ptr<Node>> nodes;
  nodes.push_back(std::make_unique<Node>("node-0", *logs[0], 1));
  nodes.push_back(std::make_unique<Node>("node-1", *logs[1], 2));
  Callers callers(nodes);
  callers.Await(200);
  brokers.Do("pause 1");
  std::this_thread::sleep_for(kMoment);
  brokers.Do("resume 1");
  callers.Await(200);
  brokers.Do("kill 1");
  std::this_thread::sleep_for(kMoment);
  brokers.Do("start 1");
  callers.Await(200);
  const Tally told = callers.Stop();
  nodes.clear();
  const Tally counted = FollowAll(*OpenLog(options), told.accepted.size());
  EXPECT_EQ(counted.accepted, told.accepted);
  EXPECT_EQ(told.refused, 0);
  EXPECT_GT(told.asked_again, 0);  // two nodes took it from each other, and the faults bit
  fmt::print("{} accepted, {} asked again, 0 lost, 0 doubled\n", told.accepted.size(),
             told.asked_again);
}

// With one of them killed no record can be taken: a time-out tells nothing, and reading does.
TEST(WritersOnKafka, ResolveByReadingWhereEveryReplicaIsNeededAndOneIsGone) {
  const Brokers brokers(3);
  const KafkaOptions options = brokers.NewLog();
  const auto handle = kafka::MakeHandle(RD_KAFKA_PRODUCER, options, {});
  ASSERT_TRUE(handle);
  kafka::NewTopicSpec strict =
      kafka::LastingTopic(kafka::LogTopic(options), TestBirth().partition_count);
  strict.settings.emplace_back("min.insync.replicas", "3");
  ASSERT_TRUE(kafka::CreateTopic(handle->get(), options, strict));
  ASSERT_TRUE(KafkaLog::Create(options, TestBirth()));
  const std::array logs = {OpenLog(options), OpenLog(options)};
  std::vector<std::unique_ptr<Node>> nodes;
  nodes.push_back(std::make_unique<Node>("node-0", *logs[0], 1));
  nodes.push_back(std::make_unique<Node>("node-1", *logs[1], 2));
  Callers callers(nodes);
  callers.Await(100);
  brokers.Do("kill 3");
  std::this_thread::sleep_for(kMoment);  // what all three had
  const int before = callers.answered();
  std::this_thread::sleep_for(std::chrono::milliseconds(limits::kStall) + kMoment);
  EXPECT_EQ(callers.answered(), before);  // the fault bit: nothing was taken
  brokers.Do("start 3");
  callers.Await(100);
  const Tally told = callers.Stop();
  nodes.clear();
  const Tally counted = FollowAll(*OpenLog(options), told.accepted.size());
  EXPECT_EQ(counted.accepted, told.accepted);
  EXPECT_GT(told.asked_again, 0);
  fmt::print("min.insync 3: {} accepted, {} asked again, 0 lost, 0 doubled\n", told.accepted.size(),
             told.asked_again);
}

}  // namespace
}  // namespace jalon::eventstore::testing
