#include "eventstore/owners/hints.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "eventstore/owners/assignment.h"
#include "eventstore/owners/board_testing.h"

namespace jalon::eventstore {
namespace {

using std::chrono::milliseconds;
using testing::MemoryBoard;
using testing::Wall;

constexpr uint32_t kPartitions = 32;

struct TestNode {
  TestNode(const std::string& name, Wall& wall, const Clock& clock,
           const std::string& address = ":1", const std::string& run = "run of ")
      : board(wall),
        hints({.node = name,
               .address = address.empty() ? "" : name + address,
               .run = run + name,
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
  NodeStanding standing;
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
      for (const auto& node : nodes_) {
        const auto stepped = node->hints.Step(node->standing);
        EXPECT_TRUE(stepped || stepped.error().reason == "BOARD_SILENT") << stepped.error().reason;
      }
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
  EXPECT_FALSE(b.hints.HasOtherTaker());
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

// Which of both is refused, and why; each lives, and is heard by both.
std::string RefusedOfTwo(TestNode& older, TestNode& younger, ManualClock& clock) {
  for (int i = 0; i < 60; ++i) {
    clock.Advance(milliseconds(50));
    for (TestNode* node : {&older, &younger}) {
      const auto stepped = node->hints.Step(node->standing);
      if (!stepped) return (node == &older ? "older " : "younger ") + stepped.error().reason;
    }
  }
  return "none";
}

TEST_F(HintsTest, OfTwoOfOneNameTheYoungerIsRefused) {
  TestNode& a = Start("a");
  Pass(milliseconds(1000));
  TestNode other("a", wall_, clock_, ":1", "another run of ");
  EXPECT_EQ(RefusedOfTwo(a, other, clock_), "younger NODE_NAME_TAKEN");
}

TEST_F(HintsTest, BesideOneWithoutPeersTheYoungerIsRefused) {
  TestNode alone("alone-1", wall_, clock_, "");
  for (int i = 0; i < 20; ++i) {
    clock_.Advance(milliseconds(50));
    ASSERT_TRUE(alone.hints.Step(alone.standing));
  }
  TestNode also("alone-2", wall_, clock_, "");
  EXPECT_EQ(RefusedOfTwo(alone, also, clock_), "younger NODE_NOT_ALONE");
}

TEST_F(HintsTest, OneThatWasKilledAndStartedAgainIsNotTwo) {
  std::optional<TestNode> before(std::in_place, "a", wall_, clock_, "", "first run of ");
  for (int i = 0; i < 40; ++i) {
    clock_.Advance(milliseconds(50));
    ASSERT_TRUE(before->hints.Step(before->standing));
  }
  const std::string last = wall_.posts.back();
  before.reset();
  TestNode again("a", wall_, clock_, "", "second run of ");
  wall_.posts.push_back(last);  // was on its way
  for (int i = 0; i < 40; ++i) {
    clock_.Advance(milliseconds(50));
    ASSERT_TRUE(again.hints.Step(again.standing));
  }
  EXPECT_EQ(again.Wanted(), kPartitions);
}

TEST_F(HintsTest, OneWhosePostsDoNotComeBackSaysSo) {
  TestNode& a = Start("a");
  TestNode& b = Start("b");
  Pass(milliseconds(1000));
  EXPECT_TRUE(a.hints.HasOtherTaker());
  a.board.deaf = true;
  b.board.mute = true;
  Pass(milliseconds(1600));
  EXPECT_FALSE(a.hints.Step(a.standing));
  EXPECT_FALSE(a.hints.HasOtherTaker()) << "nobody is heard who would take over";
  a.board.deaf = false;
  Pass(milliseconds(600));
  EXPECT_TRUE(a.hints.Step(a.standing));
  TestNode& never = Start("c");
  never.board.mute = true;
  Pass(milliseconds(1600));
  EXPECT_EQ(never.hints.Step(never.standing).error().reason, "BOARD_SILENT");
}

TEST_F(HintsTest, TheWayToTheOneThatSignsIsKnownWhileItLives) {
  TestNode& a = Start("a");
  TestNode& b = Start("b");
  Pass(milliseconds(1000));
  EXPECT_EQ(a.hints.Signer(), std::nullopt);
  b.standing.signs = true;
  Pass(milliseconds(600));
  EXPECT_EQ(a.hints.Signer(), (Member{"b", "b:1"}));
  EXPECT_EQ(b.hints.Signer(), std::nullopt) << "itself is no other one";
  a.standing.signs = true;  // it claimed later
  b.standing.signs = false;
  Pass(milliseconds(600));
  EXPECT_EQ(a.hints.Signer(), std::nullopt);
  EXPECT_EQ(b.hints.Signer(), (Member{"a", "a:1"}));
  a.board.mute = true;
  Pass(milliseconds(2000));
  EXPECT_EQ(b.hints.Signer(), std::nullopt);
}

TEST_F(HintsTest, WhoIsGoneForLongIsForgotten) {
  TestNode& a = Start("a");
  Pass(milliseconds(1000));
  for (int i = 0; i < 1100; ++i) {
    node::v1::Heartbeat heartbeat;
    heartbeat.set_node("gone-" + std::to_string(i));
    heartbeat.set_address("x:1");
    heartbeat.set_run("r");
    wall_.posts.push_back(heartbeat.SerializeAsString());
  }
  Pass(std::chrono::minutes(1) + milliseconds(200));
  Start("b");
  Pass(milliseconds(1000));
  EXPECT_TRUE(a.hints.HasOtherTaker()) << "there was no room for b";
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
