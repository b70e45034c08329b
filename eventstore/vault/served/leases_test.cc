// Which nodes may still hold a key that is destroyed.
#include "eventstore/vault/served/leases.h"

#include <gtest/gtest.h>

#include "eventstore/vault/embedded/embedded_testing.h"
#include "eventstore/vault/served/served_testing.h"

namespace jalon::eventstore {
namespace {

using served::kHeldMax;
using served::NodeLeases;
using testing::kAda;
using testing::kBen;
using testing::KeyIn;
using testing::kSchool;
using Names = std::vector<std::string>;

const PersonName kAdaThere{kSchool, kAda};

class LeasesTest : public ::testing::Test {
 protected:
  KeyErasure Shown(NodeLeases& leases) {
    KeyErasure erasure;
    leases.Show(kAdaThere, destroyed_at_, &erasure);
    return erasure;
  }
  std::unique_ptr<Vault> Node(testing::PeerFolders& folders, const testing::ServedVault& served,
                              testing::VaultNews& news, int number) {
    const std::string name = "n" + std::to_string(number);
    const auto credentials =
        PeerCredentials::Load(folders.Issue(PeerKind::kNode, name), SystemClock());
    return std::move(*OpenRemoteVault(news.Options(served.Address(), folders.In(name + ".witness")),
                                      **credentials, clock_));
  }

  ManualClock clock_{Micros(std::chrono::hours(24 * 20'000))};
  Micros destroyed_at_{};
};

TEST_F(LeasesTest, InAnotherTermWhoWasGivenKeysBeforeIsNotKnown) {
  NodeLeases leases(clock_, 1);
  clock_.Advance(std::chrono::seconds(1));
  destroyed_at_ = clock_.Wall();
  leases.Destroyed({kAdaThere});
  clock_.Advance(std::chrono::seconds(1));
  leases.InTerm(1);
  EXPECT_EQ(Shown(leases).dropped_by, Micros{});
  leases.InTerm(2);
  EXPECT_EQ(Shown(leases).dropped_by, clock_.Wall() + kHeldMax);
}

TEST_F(LeasesTest, NamesWhoWasGivenKeysUntilTheyConfirmOrTheirTimeIsOver) {
  NodeLeases leases(clock_);
  leases.Served("early");
  clock_.Advance(kHeldMax);
  leases.Served("n1");
  leases.Served("n2");
  clock_.Advance(std::chrono::seconds(1));
  destroyed_at_ = clock_.Wall();
  leases.Destroyed({kAdaThere});
  leases.Served("late");
  EXPECT_EQ(Shown(leases).unconfirmed, (Names{"n1", "n2"}));
  EXPECT_EQ(Shown(leases).dropped_by, clock_.Wall() + kHeldMax);
  leases.Confirmed("n1", {kAdaThere});
  leases.Confirmed("nobody", {kAdaThere});
  EXPECT_EQ(Shown(leases).unconfirmed, Names{"n2"});
  clock_.Advance(kHeldMax - std::chrono::milliseconds(1));
  EXPECT_EQ(Shown(leases).unconfirmed, Names{"n2"});
  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_EQ(Shown(leases).unconfirmed, Names{});
  EXPECT_EQ(Shown(leases).dropped_by, Micros());
}

// Who was given keys before, nobody remembers: only their time tells.
TEST_F(LeasesTest, AVaultThatStartedSinceWaitsForTheTime) {
  destroyed_at_ = clock_.Wall();
  clock_.Advance(std::chrono::seconds(1));
  NodeLeases leases(clock_);
  const Micros began = clock_.Wall();
  EXPECT_EQ(Shown(leases).unconfirmed, Names{});
  EXPECT_EQ(Shown(leases).dropped_by, began + kHeldMax);
  clock_.Advance(kHeldMax - std::chrono::milliseconds(1));
  EXPECT_EQ(Shown(leases).dropped_by, began + kHeldMax);
  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_EQ(Shown(leases).dropped_by, Micros());
}

// It was destroyed by the clock of another machine.
TEST_F(LeasesTest, WhatTheVaultBeforeDestroyedIsWaitedForWhateverItsClockSaid) {
  NodeLeases leases(clock_);
  const Micros began = clock_.Wall();
  for (const std::chrono::minutes apart : {std::chrono::minutes(-10), std::chrono::minutes(10)}) {
    destroyed_at_ = began + apart;
    EXPECT_EQ(Shown(leases).dropped_by, began + kHeldMax) << apart.count();
  }
  destroyed_at_ = began - std::chrono::days(2);
  EXPECT_EQ(Shown(leases).dropped_by, Micros()) << "no clock is that wrong";
}

TEST_F(LeasesTest, WhileTheEpochEndsNoErasureIsComplete) {
  testing::PeerFolders folders("leases");
  testing::ServedVault served(folders, clock_);
  testing::VaultNews news[2];
  std::unique_ptr<Vault> nodes[2];
  for (int i = 0; i < 2; ++i) nodes[i] = Node(folders, served, news[i], i + 1);
  for (const auto& node : nodes) KeyIn(*node, kAda);
  KeyErasure between;
  served.at_step = [&](std::string_view step) {
    if (step == "epoch ended") between = *nodes[1]->ErasureOf(kSchool, kAda);
  };
  ASSERT_TRUE(nodes[0]->DestroyPersonKey(kSchool, kAda));
  EXPECT_TRUE(between.epoch_ended);
  EXPECT_EQ(between.unconfirmed, (Names{"n1", "n2"}));
  EXPECT_FALSE(between.Complete());
  EXPECT_EQ(nodes[0]->ErasureOf(kSchool, kAda)->unconfirmed, Names{"n2"});
}

TEST_F(LeasesTest, AnErasureIsCompleteOnceEveryNodeHasDroppedTheKey) {
  testing::PeerFolders folders("leases");
  testing::ServedVault served(folders, clock_);
  testing::VaultNews news[2];
  std::unique_ptr<Vault> nodes[2];
  for (int i = 0; i < 2; ++i) nodes[i] = Node(folders, served, news[i], i + 1);
  for (const auto& node : nodes) {
    ASSERT_EQ(KeyIn(*node, kAda).state, KeyFound::State::kFound);
    ASSERT_EQ(KeyIn(*node, kBen).state, KeyFound::State::kFound);
  }
  ASSERT_TRUE(nodes[0]->DestroyPersonKey(kSchool, kAda));
  KeyErasure erasure = *nodes[0]->ErasureOf(kSchool, kAda);
  EXPECT_EQ(erasure.key, KeyFound::State::kDestroyed);
  EXPECT_TRUE(erasure.epoch_ended);
  EXPECT_EQ(erasure.unconfirmed, Names{"n2"});
  EXPECT_FALSE(erasure.Complete());
  EXPECT_EQ(KeyIn(*nodes[1], kAda, false).state, KeyFound::State::kFound) << "at hand still";
  ASSERT_TRUE(nodes[1]->DestroyPersonKey(kSchool, kAda));
  EXPECT_EQ(KeyIn(*nodes[1], kAda, false).state, KeyFound::State::kDestroyed);
  EXPECT_TRUE(nodes[0]->ErasureOf(kSchool, kAda)->Complete());

  ASSERT_TRUE(nodes[1]->DestroyPersonKey(kSchool, kBen));
  EXPECT_EQ(nodes[1]->ErasureOf(kSchool, kBen)->unconfirmed, Names{"n1"}) << "cut off";
  clock_.Advance(kHeldMax);
  EXPECT_EQ(KeyIn(*nodes[0], kBen, false).state, KeyFound::State::kDestroyed);
  EXPECT_TRUE(nodes[1]->ErasureOf(kSchool, kBen)->Complete());
}

}  // namespace
}  // namespace jalon::eventstore
