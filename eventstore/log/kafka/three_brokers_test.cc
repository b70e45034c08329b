// Three brokers, three copies of each record: one that dies, and one that pauses, cost time and
// nothing else.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "eventstore/log/kafka/broker_testing.h"
#include "eventstore/log/kafka/kafka_log.h"
#include "eventstore/log/log_testing.h"

namespace jalon::eventstore::testing {
namespace {

using std::chrono::steady_clock;
constexpr uint32_t kPartitions = 6;  // each broker leads some
constexpr auto kPatience = std::chrono::seconds(60);
constexpr uint64_t kOnTheWayMax = 64;

// Writes to every partition in turn and looks at what comes, which must be each record once, in the
// order of its partition.
class Load {
 public:
  explicit Load(KafkaLog& log) : log_(log) {
    std::vector<Start> from;
    from.reserve(kPartitions);
    for (uint32_t p = 0; p < kPartitions; ++p) from.push_back({Partition{p}, Offset{1}});
    follower_ = log.Follow(from, [] {}).value();
    seen_at_.assign(kPartitions, steady_clock::now());
    written_.assign(kPartitions, 0);
    seen_.assign(kPartitions, 0);
  }

  // Until every partition has seen so many more, at most a minute. False: it did not.
  bool More(uint64_t count) {
    const std::vector<uint64_t> before = seen_;
    const auto last = steady_clock::now() + kPatience;
    for (seen_at_.assign(kPartitions, steady_clock::now()); steady_clock::now() < last;) {
      for (uint32_t p = 0; p < kPartitions; ++p) {
        if (written_[p] - seen_[p] < kOnTheWayMax) Write(p);
      }
      Look();
      bool all = true;
      for (uint32_t p = 0; p < kPartitions; ++p) all = all && seen_[p] >= before[p] + count;
      if (all) return true;
    }
    return false;
  }
  std::chrono::milliseconds longest_gap() const { return longest_gap_; }
  uint64_t failed() const { return failed_; }

 private:
  void Write(uint32_t p) {
    const Blob bytes = MakeBlob(std::to_string(written_[p]));
    if (log_.Append(Partition{p}, {bytes})) {
      ++written_[p];
    } else {
      ++failed_;
    }
  }
  void Look() {
    const auto polled = follower_->Poll({});
    ASSERT_TRUE(polled) << polled.error().message;
    const auto now = steady_clock::now();
    for (const StoredEntry& entry : *polled) {
      const uint32_t p = entry.partition.value;
      ASSERT_EQ(*entry.bytes, std::to_string(seen_[p]));
      ++seen_[p];
      longest_gap_ = std::max(
          longest_gap_, std::chrono::duration_cast<std::chrono::milliseconds>(now - seen_at_[p]));
      seen_at_[p] = now;
    }
  }

  KafkaLog& log_;
  std::unique_ptr<Follower> follower_;
  std::vector<uint64_t> written_, seen_;
  std::vector<steady_clock::time_point> seen_at_;
  std::chrono::milliseconds longest_gap_{0};
  uint64_t failed_ = 0;
};

TEST(ThreeBrokers, LoseNothingWhenOneDiesOrPauses) {
  const Brokers brokers(3);
  const KafkaOptions options = brokers.NewLog();
  ASSERT_FALSE(options.unsafe_single_broker);
  ASSERT_TRUE(KafkaLog::Create(options, TestBirth(kPartitions)));
  const auto log = KafkaLog::Open(options).value();
  {
    Load load(*log);
    ASSERT_TRUE(load.More(200));
    const auto quiet = load.longest_gap();
    brokers.Do("kill 1");
    ASSERT_TRUE(load.More(200));
    const auto killed = load.longest_gap();
    EXPECT_GT(killed, quiet);  // it led something
    brokers.Do("start 1");
    ASSERT_TRUE(load.More(200));
    brokers.Do("pause 2");
    ASSERT_TRUE(load.More(200));
    brokers.Do("resume 2");
    ASSERT_TRUE(load.More(200));
    EXPECT_EQ(load.failed(), 0u);
    fmt::print("longest gap: {} before, {} with one killed, {} in all\n", quiet, killed,
               load.longest_gap());
  }
}

}  // namespace
}  // namespace jalon::eventstore::testing
