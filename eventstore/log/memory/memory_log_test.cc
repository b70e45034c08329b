#include "eventstore/log/memory/memory_log.h"

#include <gtest/gtest.h>

#include <random>

#include "eventstore/log/log_contract.h"

namespace jalon::eventstore::testing {
namespace {

class MemoryFixture final : public Fixture {
 public:
  explicit MemoryFixture(const Birth& birth) : log_(birth) {}
  Log& log() override { return log_; }

 private:
  MemoryLog log_;
};

INSTANTIATE_TEST_SUITE_P(Memory, LogContract,
                         ::testing::Values([](const Birth& birth) -> std::unique_ptr<Fixture> {
                           return std::make_unique<MemoryFixture>(birth);
                         }));

class FaultyLog : public ::testing::Test {
 protected:
  MemoryLog Make(const FaultPlan& plan, uint64_t seed = 1) {
    return MemoryLog(TestBirth(), plan, clock_,
                     [random = std::mt19937_64(seed)]() mutable { return random(); });
  }
  // Appends 0, 1, 2 ... one by one, a microsecond apart, and lets all of it arrive.
  std::vector<std::string> RunNumbers(MemoryLog& log, int count) {
    for (int i = 0; i < count; ++i) {
      EXPECT_TRUE(log.Append(kFirst, {MakeBlob(std::to_string(i))}));
      clock_.Advance(Micros{1});
      log.Step();
    }
    while (const auto due = log.NextDue()) {
      clock_.Advance(*due - clock_.Monotonic());
      log.Step();
    }
    return TextsOf(ReadAll(log, kFirst), 0);
  }

  static constexpr Partition kFirst{0};
  ManualClock clock_{Micros{1'000'000}};
};

std::vector<std::string> Numbers(int count) {
  std::vector<std::string> numbers;
  numbers.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) numbers.push_back(std::to_string(i));
  return numbers;
}

TEST_F(FaultyLog, EntriesAreThereOnceTheirTimeCame) {
  MemoryLog log = Make({.delay_min = Micros{10}, .delay_max = Micros{10}});
  int wakes = 0;
  const auto follower = log.Follow({{kFirst, Offset{1}}}, [&] { ++wakes; }).value();
  ASSERT_TRUE(log.Append(kFirst, {MakeBlob("x")}));
  EXPECT_EQ(log.NextDue(), clock_.Monotonic() + Micros{10});
  clock_.Advance(Micros{9});
  log.Step();
  EXPECT_EQ(log.Head(kFirst), Offset{1});
  EXPECT_TRUE(follower->Poll({})->empty());
  clock_.Advance(Micros{1});
  EXPECT_TRUE(follower->Poll({})->empty());  // not before Step
  log.Step();
  EXPECT_EQ(wakes, 1);
  EXPECT_EQ(follower->Poll({})->size(), 1u);
  EXPECT_EQ(log.NextDue(), std::nullopt);
}

TEST_F(FaultyLog, DelaysAloneKeepTheOrder) {
  MemoryLog log = Make({.delay_min = Micros{1}, .delay_max = Micros{100}});
  EXPECT_EQ(RunNumbers(log, 500), Numbers(500));
}

TEST_F(FaultyLog, Drops) {
  MemoryLog log = Make({.drop = 0.1});
  const size_t arrived = RunNumbers(log, 500).size();
  EXPECT_GT(log.Counts().dropped, 20u);
  EXPECT_EQ(arrived, 500 - log.Counts().dropped);
}

TEST_F(FaultyLog, Duplicates) {
  MemoryLog log = Make({.delay_max = Micros{50}, .duplicate = 0.1});
  std::vector<std::string> arrived = RunNumbers(log, 500);
  EXPECT_GT(log.Counts().duplicated, 20u);
  EXPECT_EQ(arrived.size(), 500 + log.Counts().duplicated);
  std::ranges::sort(arrived);
  arrived.erase(std::ranges::unique(arrived).begin(), arrived.end());
  EXPECT_EQ(arrived.size(), 500u);
}

TEST_F(FaultyLog, Reorders) {
  MemoryLog log = Make({.delay_max = Micros{50}, .reorder = 0.2});
  std::vector<std::string> arrived = RunNumbers(log, 500);
  EXPECT_GT(log.Counts().reordered, 50u);
  std::vector<std::string> numbers = Numbers(500);
  EXPECT_NE(arrived, numbers);
  std::ranges::sort(arrived);
  std::ranges::sort(numbers);
  EXPECT_EQ(arrived, numbers);
}

TEST_F(FaultyLog, TearsToAPrefix) {
  MemoryLog log = Make({.tear = 1});
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(log.Append(kFirst, {MakeBlob("0"), MakeBlob("1"), MakeBlob("2")}));
  }
  log.Step();
  const std::vector<std::string> arrived = TextsOf(ReadAll(log, kFirst), 0);
  EXPECT_EQ(arrived.size() + log.Counts().torn, 150u);
  EXPECT_GE(log.Counts().torn, 50u);
  for (size_t i = 0; i < arrived.size(); ++i) {
    EXPECT_TRUE(arrived[i] == "0" || (arrived[i] == "1" && arrived[i - 1] == "0"));
  }
}

TEST_F(FaultyLog, RefusesWholeAppends) {
  MemoryLog log = Make({.refuse = 1});
  EXPECT_EQ(log.Append(kFirst, {MakeBlob("x")}).error().reason, "DISK_FULL");
  EXPECT_EQ(log.Counts().refused, 1u);
  EXPECT_EQ(log.NextDue(), std::nullopt);
}

TEST_F(FaultyLog, LosesWhatIsPending) {
  MemoryLog log = Make({.delay_min = Micros{10}, .delay_max = Micros{10}});
  ASSERT_TRUE(log.Append(kFirst, {MakeBlob("durable")}));
  clock_.Advance(Micros{10});
  log.Step();
  ASSERT_TRUE(log.Append(kFirst, {MakeBlob("a"), MakeBlob("b")}));
  log.LosePending(kFirst, 1);
  EXPECT_EQ(log.Counts().lost, 2u);
  EXPECT_EQ(log.NextDue(), std::nullopt);
  EXPECT_EQ(TextsOf(ReadAll(log, kFirst), 0), std::vector<std::string>{"durable"});
}

TEST_F(FaultyLog, OneSeedIsOneRun) {
  const FaultPlan plan{.delay_max = Micros{30}, .drop = 0.1, .duplicate = 0.1, .reorder = 0.1};
  MemoryLog first = Make(plan, 5), again = Make(plan, 5), other = Make(plan, 6);
  const std::vector<std::string> run = RunNumbers(first, 200);
  EXPECT_EQ(RunNumbers(again, 200), run);
  EXPECT_NE(RunNumbers(other, 200), run);
}

TEST(Truncate, TellsOnceAndIsSilentThen) {
  MemoryLog log(TestBirth(2));
  int wakes = 0;
  const auto ahead =
      log.Follow({{Partition{0}, Offset{0}}, {Partition{1}, Offset{1}}}, [&] { ++wakes; }).value();
  const auto behind = log.Follow({{Partition{0}, Offset{0}}}, [] {}).value();
  ASSERT_TRUE(log.Append(Partition{0}, {MakeBlob("a"), MakeBlob("b")}));
  ASSERT_EQ(ahead->Poll({})->size(), 3u);
  ASSERT_TRUE(ahead->Poll({})->empty());
  log.Truncate(Partition{0}, Offset{2}, MemoryLog::Notice::kTold);
  EXPECT_EQ(wakes, 2);
  EXPECT_EQ(log.Counts().truncated, 1u);
  EXPECT_EQ(ahead->Poll({}).error().reason, "PARTITION_DIVERGED");
  log.Forge(Partition{0}, MakeBlob("c"));
  log.Forge(Partition{0}, MakeBlob("d"));
  log.Forge(Partition{1}, MakeBlob("e"));
  EXPECT_EQ(TextsOf(*ahead->Poll({}), 1), std::vector<std::string>{"e"});
  EXPECT_EQ(behind->Poll({})->size(), 4u);
}

TEST(Truncate, MayGoUnseen) {
  MemoryLog log(TestBirth());
  const auto ahead = log.Follow({{Partition{0}, Offset{1}}}, [] {}).value();
  ASSERT_TRUE(log.Append(Partition{0}, {MakeBlob("a"), MakeBlob("b")}));
  ASSERT_EQ(ahead->Poll({})->size(), 2u);
  log.Truncate(Partition{0}, Offset{1}, MemoryLog::Notice::kSilent);
  log.Forge(Partition{0}, MakeBlob("other a"));
  EXPECT_TRUE(ahead->Poll({})->empty());
  log.Forge(Partition{0}, MakeBlob("other b"));
  log.Forge(Partition{0}, MakeBlob("c"));
  EXPECT_EQ(TextsOf(*ahead->Poll({}), 0, 3), std::vector<std::string>{"c"});
}

}  // namespace
}  // namespace jalon::eventstore::testing
