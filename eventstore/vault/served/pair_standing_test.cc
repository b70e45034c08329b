// A pair whose two ends are not what they should be: a standby that misses keys, a vault that is an
// older copy, somebody else in the place of the standby.
#include <atomic>
#include <future>

#include "eventstore/vault/embedded/embedded_testing.h"
#include "eventstore/vault/served/link.h"
#include "eventstore/vault/served/pair_limits.h"
#include "eventstore/vault/served/pair_testing.h"
#include "eventstore/vault/served/served_testing.h"

namespace jalon::eventstore {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using State = KeyFound::State;
using testing::DyingMirror;
using testing::kAda;
using testing::kBen;
using testing::KeyIn;
using testing::kSchool;
using testing::ReasonOf;
using testing::TryKey;
using testing::VaultHalf;
using testing::VaultNews;

const Bytes kEve = "eve-0001";

class PairStandingTest : public ::testing::Test {
 protected:
  PairStandingTest() {
    v1_.Serve();
    v1_.Stop();
    v2_.TakeRootKeyOf(v1_);
  }
  void Begin() {
    v2_.StandBy("v1");
    v1_.Serve(v2_.Address(), [this](Mirror& link) -> Mirror& {
      dying_ = std::make_unique<DyingMirror>(link);
      return *dying_;
    });
    v1_.AwaitInStep();
    dying_->AwaitSettled();
  }

  Result<std::unique_ptr<Vault>> Node(VaultNews& news, const VaultHalf& at,
                                      const std::string& witness = "n1") {
    if (node_ == nullptr) {
      node_ =
          std::move(*PeerCredentials::Load(folders_.Issue(PeerKind::kNode, "n1"), SystemClock()));
    }
    return OpenRemoteVault(news.Options(at.Address(), folders_.In(witness + ".witness")), *node_,
                           clock_);
  }

  ManualClock clock_{Micros(std::chrono::hours(24 * 20'000))};
  testing::PeerFolders folders_{"standing"};
  std::unique_ptr<PeerCredentials> node_;
  std::unique_ptr<DyingMirror> dying_;
  VaultHalf v1_{folders_, clock_, "v1"};
  VaultHalf v2_{folders_, clock_, "v2"};
};

// Both were written as often, and not the same.
TEST_F(PairStandingTest, AStandbyThatIsTakenAgainIsGivenAllKeys) {
  Begin();
  KeyIn(v1_.vault(), kAda);
  dying_->lives = 1;
  EXPECT_EQ(ReasonOf(TryKey(v1_.vault(), kEve)), "DIED") << "the standby has it, and only that";
  dying_->lives.reset();
  ASSERT_TRUE(v1_.link().Detach());
  const KeyFound ben = KeyIn(v1_.vault(), kBen);
  ASSERT_EQ(v1_.vault().Mark().writes, v2_.vault().Mark().writes);
  ASSERT_EQ(v2_.vault().FindPersonKey(kSchool, kEve)->state, State::kFound) << "and in memory";
  ASSERT_TRUE(v1_.link().Reattach());
  v1_.AwaitInStep();
  v1_.Stop();
  ASSERT_TRUE(v2_.standby().Promote());
  EXPECT_EQ(KeyIn(v2_.vault(), kBen, false).key->secret.View(), ben.key->secret.View());
  EXPECT_EQ(KeyIn(v2_.vault(), kEve, false).state, State::kUnknown);
}

TEST_F(PairStandingTest, OneThatWasTakenAgainIsGivenAllKeysAlsoAfterARestart) {
  Begin();
  KeyIn(v1_.vault(), kAda);
  dying_->lives = 1;
  EXPECT_FALSE(TryKey(v1_.vault(), kEve));
  dying_->lives.reset();
  ASSERT_TRUE(v1_.link().Detach());
  KeyIn(v1_.vault(), kBen);
  v2_.Stop();
  ASSERT_TRUE(v1_.link().Reattach());
  EXPECT_EQ(ReasonOf(TryKey(v1_.vault(), "new-0001")), "VAULT_STANDBY_GONE");
  v1_.Stop();
  v2_.StandBy("v1");
  v1_.Serve(v2_.Address());
  v1_.AwaitInStep();
  EXPECT_EQ(v2_.vault().FindPersonKey(kSchool, kBen)->state, State::kFound);
}

TEST_F(PairStandingTest, AVaultThatWasReplacedIsPromotedOnlyOnceItHasEveryKey) {
  Begin();
  KeyIn(v1_.vault(), kAda);
  ASSERT_TRUE(v2_.standby().Promote());
  EXPECT_EQ(ReasonOf(TryKey(v1_.vault(), kBen)), "VAULT_FENCED");
  v1_.Stop();
  const KeyFound ben = KeyIn(v2_.vault(), kBen);
  v1_.StandBy("v2");
  EXPECT_EQ(v1_.standing().term(), 2U) << "that of the other";
  const auto refused = v1_.standby().Promote();
  EXPECT_EQ(ReasonOf(refused), "VAULT_STANDBY_BEHIND");
  EXPECT_NE(refused.error().message.find("--although-behind"), std::string::npos) << "what to do";
  EXPECT_NE(refused.error().message.find("above 2"), std::string::npos);
  EXPECT_NE(refused.error().message.find("erasing"), std::string::npos);
  v1_.Stop();
  v1_.StandBy("v2");
  EXPECT_EQ(ReasonOf(v1_.standby().Promote()), "VAULT_STANDBY_BEHIND") << "a restart remembers it";
  v2_.Stop();
  v2_.Serve(v1_.Address());
  v2_.AwaitInStep();
  v2_.Stop();
  ASSERT_TRUE(v1_.standby().Promote());
  EXPECT_EQ(v1_.standing().term(), 3U);
  EXPECT_EQ(KeyIn(v1_.vault(), kBen, false).key->secret.View(), ben.key->secret.View());
}

TEST_F(PairStandingTest, ForcedItBeginsTheTermThatItIsTold) {
  Begin();
  KeyIn(v1_.vault(), kAda);
  v1_.Stop();
  v1_.StandBy("v2");
  EXPECT_EQ(ReasonOf(v1_.standby().Promote(1)), "VAULT_TERM_INVALID");
  EXPECT_EQ(ReasonOf(v1_.standby().Promote(2 + kTermsForcedMax)), "VAULT_TERM_INVALID");
  ASSERT_TRUE(v1_.standby().Promote(7));
  EXPECT_EQ(v1_.standing().term(), 7U);
  EXPECT_EQ(KeyIn(v1_.vault(), kBen).state, State::kFound);
}

TEST_F(PairStandingTest, OnlyAStandbyWithoutAnyKeyFollowsFurtherThanAnybodyCanHaveMissed) {
  const std::string standing = v1_.Folder() + "/standing";
  std::ofstream(standing) << "jalon.vault.standing.1 serving 1800 none whole";
  v2_.StandBy("v1");
  v1_.Serve(v2_.Address());
  v1_.AwaitInStep();
  EXPECT_EQ(v2_.standing().term(), 1800U);
  KeyIn(v1_.vault(), kAda);
  v1_.Stop();
  std::ofstream(standing) << "jalon.vault.standing.1 serving 3600 attached whole";
  v1_.Serve(v2_.Address());
  EXPECT_TRUE(v1_.AwaitTrouble("VAULT_TERM_INVALID")) << v1_.link().Trouble();
}

TEST_F(PairStandingTest, ANodeKeepsNoTermThatItCannotHaveMissed) {
  v1_.Serve();
  VaultNews news;
  KeyIn(**Node(news, v1_), kAda);
  v1_.Stop();
  for (const char* part : {"/keys", "/keys.epochs", "/keys.witness", "/deployment"}) {
    fs::copy(v1_.Folder() + part, v2_.Folder() + part, fs::copy_options::recursive);
  }
  std::ofstream(v2_.Folder() + "/standing") << "jalon.vault.standing.1 serving 5000 none whole";
  v2_.Serve();
  EXPECT_EQ(ReasonOf(Node(news, v2_)), "VAULT_TERM_INVALID");
  EXPECT_FALSE(fs::exists(served::TermFileOf(folders_.In("n1.witness"))));
  EXPECT_TRUE(Node(news, v2_, "n2")) << "which has seen none";
}

TEST_F(PairStandingTest, AVaultOfOtherKeysIsNotToldThatItWasReplaced) {
  Begin();
  KeyIn(v1_.vault(), kAda);
  v1_.Stop();
  ASSERT_TRUE(v2_.standby().Promote());
  VaultHalf other(folders_, clock_, "v3");
  other.Serve(v2_.Address());
  EXPECT_TRUE(other.AwaitTrouble("VAULT_IS_ANOTHER")) << other.link().Trouble();
  EXPECT_EQ(other.standing().role(), Standing::Role::kServing);
}

TEST_F(PairStandingTest, WhoIsToldOfNoRoleAnyMoreIsNotBeingTold) {
  const auto standing = std::move(*Standing::Open(folders_.In("role")));
  std::promise<void> begun;
  std::atomic<bool> over = false;
  standing->SetOnRole([&] {
    begun.set_value();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    over = true;
  });
  const std::jthread fencing([&] { standing->Fence(2); });
  begun.get_future().wait();
  standing->SetOnRole({});
  EXPECT_TRUE(over);
}

TEST_F(PairStandingTest, ATermThatNobodyCanHaveSeenFencesNobody) {
  Begin();
  v1_.standing().Fence(UINT64_MAX);
  v1_.standing().Fence(2 + kTermsMissedMax);
  EXPECT_EQ(v1_.standing().role(), Standing::Role::kServing);
  EXPECT_EQ(ReasonOf(v2_.standing().FollowTerm(UINT64_MAX)), "VAULT_TERM_INVALID");
  v1_.standing().Fence(5);
  EXPECT_EQ(v1_.standing().role(), Standing::Role::kFenced);
  EXPECT_EQ((*Standing::Open(v1_.Folder() + "/standing"))->term(), 5U);
}

TEST_F(PairStandingTest, AStandbyTakesNothingOfALowerTerm) {
  v2_.StandBy("v1");
  ASSERT_TRUE(v2_.standing().FollowTerm(7));
  v1_.Serve(v2_.Address());
  EXPECT_TRUE(v1_.AwaitRole(Standing::Role::kFenced));
  EXPECT_EQ(v1_.standing().term(), 7U);
  EXPECT_FALSE(v1_.link().InStep());
}

TEST_F(PairStandingTest, AVaultThatIsOlderByOneWriteIsRefused) {
  Begin();
  KeyIn(v1_.vault(), kAda);
  v1_.Stop();
  fs::copy(v1_.Folder(), v1_.Folder() + ".older", fs::copy_options::recursive);
  v1_.Serve(v2_.Address());
  v1_.AwaitInStep();
  const uint64_t before = v1_.vault().Mark().writes;
  KeyIn(v1_.vault(), kBen);
  ASSERT_EQ(v1_.vault().Mark().writes, before + 1);
  v1_.Stop();
  fs::remove_all(v1_.Folder());
  fs::rename(v1_.Folder() + ".older", v1_.Folder());
  v1_.Serve(v2_.Address());
  EXPECT_TRUE(v1_.AwaitTrouble("KEYS_OLDER")) << v1_.link().Trouble();
  EXPECT_EQ(v2_.vault().FindPersonKey(kSchool, kBen)->state, State::kFound) << "nothing was lost";
}

TEST_F(PairStandingTest, AStandbyIsToldThatItIsDetachedAndTheVaultThatItWasReplaced) {
  Begin();
  KeyIn(v1_.vault(), kAda);
  ASSERT_TRUE(v1_.link().Detach());
  EXPECT_EQ(ReasonOf(v2_.standby().Promote()), "VAULT_STANDBY_BEHIND");
  EXPECT_EQ(KeyIn(v1_.vault(), kBen).state, State::kFound);
  ASSERT_TRUE(v2_.standby().Promote(3));
  EXPECT_TRUE(v1_.AwaitRole(Standing::Role::kFenced)) << "though it sends nothing there";
  EXPECT_EQ(ReasonOf(v1_.standing().MayServe()), "VAULT_FENCED");
}

TEST_F(PairStandingTest, OneThatWasDetachedWhileItWasAwayIsToldWhenItIsBack) {
  Begin();
  KeyIn(v1_.vault(), kAda);
  v2_.Stop();
  ASSERT_TRUE(v1_.link().Detach());
  v2_.StandBy("v1");
  const auto patience = std::chrono::steady_clock::now() + seconds(20);
  while (!v2_.standing().behind() && std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(ReasonOf(v2_.standby().Promote()), "VAULT_STANDBY_BEHIND");
}

TEST_F(PairStandingTest, WhoAnswersUnderAnotherNameIsNoStandby) {
  v2_.StandBy("v1");
  v1_.Serve(v2_.Address(), {}, "v9");
  EXPECT_TRUE(v1_.AwaitTrouble("PEER_NOT_SERVED")) << v1_.link().Trouble();
  EXPECT_EQ(ReasonOf(TryKey(v1_.vault(), kAda)), "VAULT_STANDBY_GONE");
  v1_.Stop();
  v1_.Serve(v2_.Address(), {}, "v2");
  v1_.AwaitInStep();
  EXPECT_EQ(KeyIn(v1_.vault(), kAda).state, State::kFound);
}

TEST_F(PairStandingTest, ANodeInThePlaceOfTheStandbyIsNotBelieved) {
  VaultHalf node(folders_, clock_, "n7", PeerKind::kNode);
  node.TakeRootKeyOf(v1_);
  node.StandBy("v1");
  v1_.Serve(node.Address());
  EXPECT_TRUE(v1_.AwaitTrouble("PEER_NOT_SERVED")) << v1_.link().Trouble();
  EXPECT_EQ(ReasonOf(TryKey(v1_.vault(), kAda)), "VAULT_STANDBY_GONE");
  ASSERT_TRUE(node.standing().FollowTerm(9));  // says that the vault was replaced
  std::this_thread::sleep_for(2 * served::kStandbyAskedEach);
  EXPECT_EQ(v1_.standing().role(), Standing::Role::kServing);
}

TEST_F(PairStandingTest, AStandbyThatDiedWhileItWasGivenAllKeysIsGivenThemAgain) {
  Begin();
  KeyIn(v1_.vault(), kAda);
  v1_.Stop();
  v2_.Stop();
  fs::remove(v2_.Folder() + "/keys.witness");  // as between the two
  v2_.StandBy("v1");
  v1_.Serve(v2_.Address());
  v1_.AwaitInStep();
  EXPECT_EQ(v2_.vault().FindPersonKey(kSchool, kAda)->state, State::kFound);
}

TEST_F(PairStandingTest, AfterAPromotionNobodyKnowsWhoHoldsWhatWasJustErased) {
  Begin();
  KeyIn(v1_.vault(), kAda);
  clock_.Advance(seconds(1));
  ASSERT_TRUE(v1_.vault().DestroyPersonKey(kSchool, kAda));
  clock_.Advance(seconds(1));
  v1_.Stop();
  ASSERT_TRUE(v2_.standby().Promote());
  VaultNews news;
  const auto node = Node(news, v2_);
  ASSERT_TRUE(node);
  const auto erasure = (*node)->ErasureOf(kSchool, kAda);
  ASSERT_TRUE(erasure) << erasure.error().message;
  EXPECT_EQ(erasure->key, State::kDestroyed);
  EXPECT_GT(erasure->dropped_by, clock_.Wall());
  EXPECT_FALSE(erasure->Complete());
}

}  // namespace
}  // namespace jalon::eventstore
