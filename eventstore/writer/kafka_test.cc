// Two nodes and their callers on a real Apache Kafka, which is paused, killed and started
// meanwhile: what a caller was told counts, once, at the place it was told, and nothing else does.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <latch>
#include <map>
#include <thread>
#include <utility>

#include "eventstore/log/kafka/broker_testing.h"
#include "eventstore/log/kafka/kafka_log.h"
#include "eventstore/log/kafka/topic.h"
#include "eventstore/log/log_testing.h"
#include "eventstore/writer/leader_testing.h"
#include "eventstore/writer/nodes_testing.h"

namespace jalon::eventstore::testing {
namespace {

constexpr int kCallers = 4;
constexpr int kCalls = 40;  // a round, of each
constexpr auto kMoment = std::chrono::seconds(3);
constexpr auto kPatience = std::chrono::minutes(2);

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
  // Until so many more were answered. False: they were not, for minutes.
  bool Await(int more) const {
    const auto last = std::chrono::steady_clock::now() + kPatience;
    for (const int until = answered_ + more; answered_ < until;) {
      if (std::chrono::steady_clock::now() > last) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
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

// What counts against what the callers were told; prints what it comes to. The nodes have ended.
Tally Judge(const std::string& of, const KafkaOptions& options, const Tally& told) {
  Tally counted = FollowAll(*OpenLog(options), told.accepted.size());
  std::map<std::string, int> times;
  for (const auto& [position, id] : counted.accepted) ++times[id];
  const auto lost = std::ranges::count_if(
      told.accepted, [&](const auto& accepted) { return !times.contains(accepted.second); });
  const auto doubled = std::ranges::count_if(times, [](const auto& id) { return id.second > 1; });
  EXPECT_EQ(lost, 0);
  EXPECT_EQ(doubled, 0);
  EXPECT_TRUE(counted.accepted == told.accepted) << "at another place than was told";
  EXPECT_EQ(told.refused, 0);
  fmt::print("{}: {} accepted, {} asked again, {} lost, {} doubled\n", of, told.accepted.size(),
             told.asked_again, lost, doubled);
  return counted;
}

std::vector<std::unique_ptr<Node>> TwoNodes(const std::array<std::unique_ptr<KafkaLog>, 2>& logs) {
  std::vector<std::unique_ptr<Node>> nodes;
  nodes.push_back(std::make_unique<Node>("node-0", *logs[0], 1));
  nodes.push_back(std::make_unique<Node>("node-1", *logs[1], 2));
  return nodes;
}

// The log of one of two nodes: the first thing that it appends, a claim, waits for that of the
// other.
class ClaimingAtOnce final : public Log {
 public:
  ClaimingAtOnce(Log& log, std::latch& both) : log_(log), both_(both) {}

  Result<void> Append(Partition partition, std::vector<Blob> entries) override {
    if (!std::exchange(claimed_, true)) both_.arrive_and_wait();
    return log_.Append(partition, std::move(entries));
  }
  Result<std::vector<StoredEntry>> ReadFrom(Partition partition, Offset first,
                                            ReadLimit limit) override {
    return log_.ReadFrom(partition, first, limit);
  }
  Result<std::unique_ptr<Follower>> Follow(std::vector<Start> from,
                                           std::function<void()> wake) override {
    return log_.Follow(std::move(from), std::move(wake));
  }
  Result<Offset> Head(Partition partition) override { return log_.Head(partition); }

 private:
  Log& log_;
  std::latch& both_;
  bool claimed_ = false;
};

TEST(WritersOnKafka, OfTwoThatClaimOneEpochAtOnceOneCounts) {
  const Brokers brokers(1);
  const KafkaOptions options = brokers.NewLog();
  ASSERT_TRUE(KafkaLog::Create(options, TestBirth()));
  const std::array logs = {OpenLog(options), OpenLog(options)};
  std::latch both(2);
  ClaimingAtOnce one(*logs[0], both);
  ClaimingAtOnce other(*logs[1], both);
  std::vector<std::unique_ptr<Node>> nodes;
  nodes.push_back(std::make_unique<Node>("node-0", one, 1));
  nodes.push_back(std::make_unique<Node>("node-1", other, 2));
  Callers callers(nodes);
  ASSERT_TRUE(callers.Await(100));
  const Tally told = callers.Stop();
  nodes.clear();
  const Tally counted = Judge("two claims of one epoch", options, told);
  EXPECT_GT(counted.rival_claims, 0);
}

TEST(WritersOnKafka, AnswerWhatCountsOnceThroughFaults) {
  const Brokers brokers(1);
  const KafkaOptions options = brokers.NewLog();
  ASSERT_TRUE(KafkaLog::Create(options, TestBirth()));
  const std::array logs = {OpenLog(options), OpenLog(options)};  // of two nodes
  auto nodes = TwoNodes(logs);
  Callers callers(nodes);
  ASSERT_TRUE(callers.Await(200));
  brokers.Do("pause 1");
  std::this_thread::sleep_for(kMoment);
  brokers.Do("resume 1");
  ASSERT_TRUE(callers.Await(200));
  brokers.Do("kill 1");
  std::this_thread::sleep_for(kMoment);
  brokers.Do("start 1");
  ASSERT_TRUE(callers.Await(200));
  const Tally told = callers.Stop();
  nodes.clear();
  Judge("one broker paused, then killed", options, told);
  EXPECT_GT(told.asked_again, 0);  // two nodes took it from each other, and the faults bit
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
  auto nodes = TwoNodes(logs);
  Callers callers(nodes);
  ASSERT_TRUE(callers.Await(100));
  brokers.Do("kill 3");
  std::this_thread::sleep_for(kMoment);  // what all three had
  const int before = callers.answered();
  std::this_thread::sleep_for(std::chrono::milliseconds(limits::kStall) + kMoment);
  EXPECT_EQ(callers.answered(), before);  // the fault bit: nothing was taken
  brokers.Do("start 3");
  ASSERT_TRUE(callers.Await(100));
  const Tally told = callers.Stop();
  nodes.clear();
  Judge("min.insync 3 and one of three killed", options, told);
  EXPECT_GT(told.asked_again, 0);
}

// The partition's leader, not any broker: each time another one must lead before it can go on.
TEST(WritersOnKafka, GoOnWhenTheLeaderOfThreeIsKilledAndWhenItPauses) {
  const Brokers brokers(3);
  const KafkaOptions options = brokers.NewLog();
  ASSERT_FALSE(options.unsafe_single_broker);
  ASSERT_TRUE(KafkaLog::Create(options, TestBirth()));
  const std::array logs = {OpenLog(options), OpenLog(options)};
  auto nodes = TwoNodes(logs);
  Callers callers(nodes);
  Leader leader(options, Partition{0});
  ASSERT_TRUE(callers.Await(100));
  const int killed = leader.AwaitOtherThan(-1);
  brokers.Do(fmt::format("kill {}", killed));
  const int after_kill = leader.AwaitOtherThan(killed);
  ASSERT_NE(after_kill, -1);
  ASSERT_TRUE(callers.Await(100));
  brokers.Do(fmt::format("start {}", killed));
  const int paused = leader.AwaitAllInSync();
  ASSERT_NE(paused, -1);
  ASSERT_TRUE(callers.Await(100));
  brokers.Do(fmt::format("pause {}", paused));
  const int after_pause = leader.AwaitOtherThan(paused);
  ASSERT_NE(after_pause, -1);
  ASSERT_TRUE(callers.Await(100));
  brokers.Do(fmt::format("resume {}", paused));
  ASSERT_TRUE(callers.Await(100));
  const Tally told = callers.Stop();
  nodes.clear();
  Judge(fmt::format("led by {}, killed; then by {}, {} paused; then by {}", killed, after_kill,
                    paused, after_pause),
        options, told);
  EXPECT_GT(told.asked_again, 0);
}

}  // namespace
}  // namespace jalon::eventstore::testing
