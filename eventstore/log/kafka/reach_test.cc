// Which brokers are asked, and which are not because they were silent.
#include "eventstore/log/kafka/reach.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

namespace jalon::eventstore::kafka {
namespace {

const Error kWhy{Code::kUnavailable, "LOG_UNREACHABLE", "silent", {}};

class ReachTest : public ::testing::Test {
 protected:
  ReachTest() { EXPECT_FALSE(reach_.Lead({1, 2, 1, 2})); }
  // The partitions that can be asked.
  std::string Asked() const {
    std::string asked;
    for (uint32_t p = 0; p < 4; ++p) {
      if (reach_.Check(Partition{p})) asked += std::to_string(p);
    }
    return asked;
  }

  void NobodyAnswers() { reach_.NobodyAnswers(kWhy, reach_.Answers()); }

  const Reach::Time long_ago_{};
  std::string told_;
  Reach reach_{4, [this](const std::optional<Error>& away) { told_ += away ? "-" : "+"; }};
};

TEST_F(ReachTest, OneCallThatWaitedInVainSparesTheOthers) {
  EXPECT_EQ(Asked(), "0123");
  int calls = 0;
  const auto ask = [&](uint32_t p) {
    return reach_.Ask(Partition{p}, [&]() -> Result<void> {
      ++calls;
      std::this_thread::sleep_for(std::chrono::milliseconds(600));
      return std::unexpected(kWhy);
    });
  };
  EXPECT_EQ(ask(0).error(), kWhy);
  EXPECT_EQ(ask(0).error(), kWhy);
  EXPECT_EQ(ask(2).error(), kWhy);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(Asked(), "13");
  EXPECT_EQ(reach_.ToAsk(), std::vector{Partition{0}});
  EXPECT_TRUE(reach_.Answered(Partition{0}));
  EXPECT_FALSE(reach_.Answered(Partition{0}));
  EXPECT_EQ(Asked(), "0123");
  EXPECT_EQ(told_, "-+");
}

TEST_F(ReachTest, OtherErrorsAreNoSilence) {
  const auto broken = [&] {
    return reach_.Ask(Partition{0}, []() -> Result<void> { return std::unexpected(kWhy); });
  };
  EXPECT_EQ(broken().error(), kWhy);  // at once: asking again costs nothing
  const auto refused = [&] {
    return reach_.Ask(Partition{0},
                      []() -> Result<void> { return Fail(Code::kDataLoss, "CUT", "cut"); });
  };
  EXPECT_EQ(refused().error().reason, "CUT");
  EXPECT_EQ(Asked(), "0123");
  EXPECT_EQ(told_, "");
}

TEST_F(ReachTest, AnotherLeaderIsAskedAtOnce) {
  reach_.Silent(Partition{1}, kWhy, long_ago_);
  EXPECT_EQ(Asked(), "02");
  EXPECT_FALSE(reach_.Lead({1, 2, 1, 1}));
  EXPECT_EQ(Asked(), "023");
  EXPECT_TRUE(reach_.Lead({1, 1, 1, 1}));
  EXPECT_EQ(Asked(), "0123");
  EXPECT_EQ(told_, "-+");
}

TEST_F(ReachTest, WhereNobodyLeadsIsAskedOnceToo) {
  EXPECT_FALSE(reach_.Lead({1, -1, 1, -1}));
  EXPECT_EQ(Asked(), "0123");
  reach_.Silent(Partition{1}, kWhy, long_ago_);
  EXPECT_EQ(Asked(), "02");
  EXPECT_TRUE(reach_.ToAsk().empty());
  EXPECT_TRUE(reach_.Lead({1, 2, 1, 2}));
  EXPECT_EQ(Asked(), "0123");
}

TEST_F(ReachTest, WhatWasAnsweredMeanwhileIsNewer) {
  const uint64_t before = reach_.Answers();
  EXPECT_FALSE(reach_.Answered(Partition{0}));
  reach_.NobodyAnswers(kWhy, before);
  EXPECT_EQ(Asked(), "0123");
  EXPECT_EQ(told_, "");
}

TEST_F(ReachTest, NobodyAtAll) {
  reach_.Silent(Partition{1}, kWhy, long_ago_);
  NobodyAnswers();
  EXPECT_EQ(Asked(), "");
  EXPECT_TRUE(reach_.Lead({1, 2, 1, 2}));
  EXPECT_EQ(Asked(), "02");
  EXPECT_TRUE(reach_.Answered(Partition{3}));
  NobodyAnswers();
  EXPECT_EQ(Asked(), "");
  EXPECT_TRUE(reach_.Answered(Partition{0}));  // what was read came, before it was asked who leads
  EXPECT_EQ(Asked(), "0123");
  EXPECT_EQ(told_, "-+-+");
}

}  // namespace
}  // namespace jalon::eventstore::kafka
