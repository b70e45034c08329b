#include "eventstore/owners/hints.h"

#include <gtest/gtest.h>

#include <memory>

#include "eventstore/owners/assignment.h"
#include "eventstore/owners/board_testing.h"

namespace jalon::eventstore {
namespace {

using std::chrono::milliseconds;
using testing::MemoryBoard;
using testing::Wall;

constexpr uint32_t kPartitions = 32;

struct TestNode {
  TestNode(const std::string& name, Wall& wall, const Clock& clock)
      : board(wall),
        hints({.node = name,
               .address = name + ":1",
               .run = "run of " + name,
               .partition_count = kPartitions},
              board, clock) {
    standing.takes_partitions = true;
    standing.relays = true;
    standing.owned.resize(kPartitions);
  }
  size_t Wanted() const {
    size_t wanted = 0;
    for (uint32_t p = 0; p < kPartitions; ++p) wanted += hints.Wants(Partition{p});
    return wanted;
  }
  // Owns what it wants, as if its claims had counted in this epoch.
  void OwnWhatItWants(uint64_t epoch) {
    for (uint32_t p = 0; p < kPartitions; ++p) {
      if (hints.Wants(Partition{p}) && !standing.owned[p]) standing.owned[p] = Epoch{epoch};
    }
  }
  void Lose(const TestNode& other) {
    for (uint32_t p = 0; p < kPartitions; ++p) {
      if (other.standing.owned[p]) standing.owned[p].reset();
    }
  }

  MemoryBoard board;
  Hints hints;
  Standing standing;
};

class HintsTest : public ::testing::Test {
 protected:
  TestNode& Start(const std::string& name) {
    nodes_.push_back(std::make_unique<TestNode>(name, wall_, clock_));
    return *nodes_.back();
  }
  void Pass(milliseconds time) {
    for (milliseconds passed{0}; passed < time; passed += milliseconds(50)) {
      clock_.Advance(milliseconds(50));
      for (const auto& node : nodes_) EXPECT_TRUE(node->hints.Step(node->standing));
    }
  }

  ManualClock clock_{Micros(0)};
  Wall wall_;
  std::vector<std::unique_ptr<TestNode>> nodes_;
};

TEST_F(HintsTest, OneAloneWantsAllButNotBeforeItCouldHearOthers) {
  TestNode& a = Start("a");
  Pass(milliseconds(400));
  EXPECT_EQ(a.Wanted(), 0u);
  Pass(milliseconds(300));
  EXPECT_EQ(a.Wanted(), kPartitions);
}

TEST_F(HintsTest, WhoDoesNotKnowTheLogYetWantsNothing) {
  TestNode& a = Start("a");
  a.standing.takes_partitions = false;
  Pass(milliseconds(3000));
  EXPECT_EQ(a.Wanted(), 0u);
}

TEST_F(HintsTest, OneThatOnlyAnswersQueriesOwnsNothingAndKnowsTheWay) {
  Start("a");
  TestNode& b = Start("b");
  b.standing.takes_partitions = false;
  b.standing.relays = false;
  Pass(milliseconds(3000));
  EXPECT_EQ(b.Wanted(), 0u);
  EXPECT_FALSE(b.hints.ShouldRelay());
  EXPECT_EQ(b.hints.RouteOf(Partition{0}), (Member{"a", "a:1"}));
}

TEST_F(HintsTest, EachPartitionIsWantedByExactlyOne) {
  Start("a");
  Start("b");
  Start("c");
  Pass(milliseconds(1000));
  for (uint32_t p = 0; p < kPartitions; ++p) {
    int wanted = 0;
    for (const auto& node : nodes_) wanted += node->hints.Wants(Partition{p});
    EXPECT_EQ(wanted, 1) << p;
  }
  int relays = 0;
  for (const auto& node : nodes_) {
    EXPECT_GT(node->Wanted(), 3u);
    relays += node->hints.ShouldRelay();
  }
  EXPECT_EQ(relays, 1);
}

TEST_F(HintsTest, OneThatDiesLosesItsShareWithinTheTimeAndNothingElseMoves) {
  TestNode& a = Start("a");
  TestNode& b = Start("b");
  TestNode& c = Start("c");
  Pass(milliseconds(1000));
  for (const auto& node : nodes_) node->OwnWhatItWants(1);
  Pass(milliseconds(600));
  const size_t before = a.Wanted() + b.Wanted();
  c.board.mute = true;
  Pass(milliseconds(900));
  EXPECT_EQ(a.Wanted() + b.Wanted(), before) << "not dead yet";
  Pass(milliseconds(700));
  EXPECT_EQ(a.Wanted() + b.Wanted(), kPartitions);
  for (uint32_t p = 0; p < kPartitions; ++p) {
    EXPECT_TRUE(!a.standing.owned[p] || a.hints.Wants(Partition{p}));
  }
}

TEST_F(HintsTest, WhatALivingOneOwnsIsLeftToItForTheGrace) {
  TestNode& a = Start("a");
  Pass(milliseconds(1000));
  a.OwnWhatItWants(1);
  Pass(milliseconds(600));
  TestNode& b = Start("b");
  Pass(milliseconds(1300));
  EXPECT_EQ(b.Wanted(), 0u);
  EXPECT_LT(a.Wanted(), kPartitions);
  const auto route = a.hints.RouteOf(Partition{3});
  ASSERT_TRUE(route);
  EXPECT_EQ(route->node, "a") << "the owner decides until another's claim counts";
  Pass(milliseconds(700));
  EXPECT_EQ(a.Wanted() + b.Wanted(), kPartitions);
}

TEST_F(HintsTest, WhatALeavingOneOwnsIsTakenAtOnce) {
  TestNode& a = Start("a");
  TestNode& b = Start("b");
  Pass(milliseconds(1000));
  for (const auto& node : nodes_) node->OwnWhatItWants(1);
  Pass(milliseconds(600));
  a.standing.leaving = true;
  Pass(milliseconds(600));
  EXPECT_EQ(b.Wanted(), kPartitions);
  EXPECT_EQ(a.Wanted(), 0u);
}

TEST_F(HintsTest, OneThatDoesNotHearItselfChangesNothing) {
  TestNode& a = Start("a");
  TestNode& b = Start("b");
  Pass(milliseconds(1000));
  for (const auto& node : nodes_) node->OwnWhatItWants(1);
  const size_t before = a.Wanted();
  a.board.deaf = true;
  Pass(milliseconds(5000));
  EXPECT_EQ(a.Wanted(), before);
  EXPECT_GT(b.Wanted(), 0u);
}

TEST_F(HintsTest, ARefusedConnectionIsDeathUntilTwoMoreHeartbeats) {
  TestNode& a = Start("a");
  TestNode& b = Start("b");
  Pass(milliseconds(1000));
  for (const auto& node : nodes_) node->OwnWhatItWants(1);
  Pass(milliseconds(500));
  b.board.mute = true;
  a.hints.Refused("b");
  Pass(milliseconds(100));
  EXPECT_EQ(a.Wanted(), kPartitions);
  b.board.mute = false;
  Pass(milliseconds(1600));
  EXPECT_LT(a.Wanted(), kPartitions);
}

TEST_F(HintsTest, CommandsGoToWhoOwnsAndElseToWhoShould) {
  TestNode& a = Start("a");
  TestNode& b = Start("b");
  Pass(milliseconds(1000));
  Partition of_b{0};
  while (!b.hints.Wants(of_b)) of_b = Partition{of_b.value + 1};
  EXPECT_EQ(a.hints.RouteOf(of_b), (Member{"b", "b:1"})) << "nobody owns it: who should";
  a.standing.owned[of_b.value] = Epoch{4};
  Pass(milliseconds(600));
  EXPECT_EQ(b.hints.RouteOf(of_b), (Member{"a", "a:1"}));
  b.hints.Told(of_b, {"b", "b:1"}, Epoch{3});
  EXPECT_EQ(b.hints.RouteOf(of_b), (Member{"a", "a:1"})) << "that was before";
  b.hints.Told(of_b, {"b", "b:1"}, Epoch{5});
  EXPECT_EQ(b.hints.RouteOf(of_b), (Member{"b", "b:1"}));
  a.board.mute = true;
  Pass(milliseconds(1700));
  EXPECT_EQ(b.hints.Live(), (std::vector<Member>{{"b", "b:1"}}));
}

TEST_F(HintsTest, OneThatStartedAnewOwnsNothingThatItDoesNotSay) {
  TestNode& a = Start("a");
  TestNode& b = Start("b");
  Pass(milliseconds(1000));
  for (const auto& node : nodes_) node->OwnWhatItWants(1);
  Pass(milliseconds(600));
  node::v1::Heartbeat again;
  again.set_node("b");
  again.set_address("b:2");
  again.set_run("another run");
  b.board.mute = true;
  wall_.posts.push_back(again.SerializeAsString());
  Pass(milliseconds(100));
  EXPECT_EQ(a.Wanted(), kPartitions) << "b lives, takes nothing yet, and owns nothing";
}

TEST_F(HintsTest, TwoOfOneNameAreRefused) {
  TestNode& a = Start("a");
  Pass(milliseconds(1000));
  node::v1::Heartbeat other;
  other.set_node("a");
  other.set_run("another run");
  for (int i = 0; i < 3; ++i) wall_.posts.push_back(other.SerializeAsString());
  const auto stepped = a.hints.Step(a.standing);
  ASSERT_FALSE(stepped);
  EXPECT_EQ(stepped.error().reason, "NODE_NAME_TAKEN");
}

TEST_F(HintsTest, WhatIsNoHeartbeatIsPassedOver) {
  TestNode& a = Start("a");
  wall_.posts.push_back("\xff\xff no message");
  wall_.posts.push_back("");
  Pass(milliseconds(1000));
  EXPECT_EQ(a.Wanted(), kPartitions);
}

TEST(Assignment, IsTheSameInWhateverOrderAndMovesOnlyTheShareOfWhoGoes) {
  const std::vector<std::string> three = {"a", "b", "c"};
  const std::vector<std::string> turned = {"c", "a", "b"};
  const std::vector<std::string> two = {"a", "b"};
  std::map<std::string, int> shares;
  for (uint32_t p = 0; p < 3000; ++p) {
    const std::string owner = ShouldOwn(Partition{p}, three);
    EXPECT_EQ(owner, ShouldOwn(Partition{p}, turned));
    EXPECT_TRUE(owner == "c" || owner == ShouldOwn(Partition{p}, two)) << p;
    ++shares[owner];
  }
  for (const auto& [name, share] : shares) EXPECT_NEAR(share, 1000, 120) << name;
  EXPECT_EQ(ShouldOwn(Partition{0}, {}), "");
}

}  // namespace
}  // namespace jalon::eventstore
