// A vault and its standby: what is acknowledged when, whoever dies; and who is taken for the vault.
#include "eventstore/vault/served/pair_testing.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "eventstore/vault/embedded/embedded_testing.h"
#include "eventstore/vault/embedded/key_store.h"
#include "eventstore/vault/served/link.h"
#include "eventstore/vault/served/pair_limits.h"
#include "eventstore/vault/served/served_testing.h"

namespace jalon::eventstore {
namespace {

namespace fs = std::filesystem;
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

class PairTest : public ::testing::Test {
 protected:
  PairTest() {
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
  // The vault is lost, and its standby is it.
  void PromoteStandby() {
    v1_.Stop();
    ASSERT_TRUE(v2_.standby().Promote());
    ASSERT_TRUE(v2_.vault().Settle());
  }
  Result<std::unique_ptr<Vault>> Node(VaultNews& news, const VaultHalf& at) {
    if (node_ == nullptr) {
      node_ =
          std::move(*PeerCredentials::Load(folders_.Issue(PeerKind::kNode, "n1"), SystemClock()));
    }
    return OpenRemoteVault(news.Options(at.Address(), folders_.In("n1.witness")), *node_, clock_);
  }

  ManualClock clock_{Micros(std::chrono::hours(24 * 20'000))};
  testing::PeerFolders folders_{"pair"};
  std::unique_ptr<PeerCredentials> node_;
  std::unique_ptr<DyingMirror> dying_;
  VaultHalf v1_{folders_, clock_, "v1"};
  VaultHalf v2_{folders_, clock_, "v2"};
};

TEST_F(PairTest, AKeyThatIsGivenOutIsAtTheStandby) {
  Begin();
  const KeyFound ada = KeyIn(v1_.vault(), kAda);
  const std::string year(v1_.vault().LookupKeys(kSchool, 2026)->front().View());
  const std::string day(v1_.vault().DayKey(20'000)->View());
  EXPECT_EQ(v2_.vault().FindPersonKey(kSchool, kAda)->key->secret.View(), ada.key->secret.View());
  KeyIn(v1_.vault(), kBen);
  ASSERT_TRUE(v1_.vault().DestroyPersonKey(kSchool, kBen));
  PromoteStandby();
  EXPECT_EQ(KeyIn(v2_.vault(), kAda, false).key->secret.View(), ada.key->secret.View());
  EXPECT_EQ(KeyIn(v2_.vault(), kBen).state, State::kDestroyed);
  EXPECT_EQ(v2_.vault().LookupKeys(kSchool, 2026)->front().View(), year);
  EXPECT_EQ(v2_.vault().DayKey(20'000)->View(), day);
}

TEST_F(PairTest, WithTheStandbyGoneNothingIsMadeOrDestroyedAndTheRestIsOpened) {
  Begin();
  VaultNews news;
  const auto node = std::move(*Node(news, v1_));
  KeyIn(*node, kAda);
  KeyIn(v1_.vault(), kBen);
  v2_.Stop();
  const auto made = TryKey(*node, kEve);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("VAULT_STANDBY_GONE"), std::string::npos);
  EXPECT_NE(made.error().message.find("detach-standby"), std::string::npos) << "what to do";
  EXPECT_EQ(ReasonOf(v1_.vault().DestroyPersonKey(kSchool, kAda)), "VAULT_STANDBY_GONE");
  EXPECT_EQ(ReasonOf(v1_.vault().DayKey(20'001)), "VAULT_STANDBY_GONE");
  EXPECT_EQ(node->FindPersonKey(kSchool, kBen)->state, State::kFound) << "from the vault";
  EXPECT_EQ(news.reachable, 1) << "the vault is there";
  EXPECT_EQ(KeyIn(v1_.vault(), kAda, false).state, State::kFound);

  v2_.StandBy("v1");
  v1_.AwaitInStep();
  EXPECT_EQ(KeyIn(v1_.vault(), kEve).state, State::kFound);
  ASSERT_TRUE(v1_.vault().DestroyPersonKey(kSchool, kAda));
  EXPECT_EQ(v2_.vault().FindPersonKey(kSchool, kAda)->state, State::kDestroyed);
}

TEST_F(PairTest, ADetachedStandbyIsWaitedForNoMoreUntilItIsTakenAgain) {
  Begin();
  KeyIn(v1_.vault(), kAda);
  v2_.Stop();
  v1_.AwaitGone();
  ASSERT_TRUE(v1_.link().Detach());
  EXPECT_EQ(KeyIn(v1_.vault(), kBen).state, State::kFound);
  ASSERT_TRUE(v1_.vault().DestroyPersonKey(kSchool, kAda));
  v1_.Stop();
  v2_.StandBy("v1");
  v1_.Serve(v2_.Address());
  EXPECT_EQ(KeyIn(v1_.vault(), kEve).state, State::kFound) << "a restart remembers it";
  EXPECT_FALSE(v1_.link().InStep());
  EXPECT_EQ(v2_.vault().FindPersonKey(kSchool, kEve)->state, State::kUnknown);

  ASSERT_TRUE(v1_.link().Reattach());
  v1_.AwaitInStep();
  EXPECT_EQ(v2_.vault().FindPersonKey(kSchool, kAda)->state, State::kDestroyed);
  for (const Bytes& person : {kBen, kEve}) {
    EXPECT_EQ(v2_.vault().FindPersonKey(kSchool, person)->key->secret.View(),
              KeyIn(v1_.vault(), person, false).key->secret.View());
  }
  // Attached once, it is missed also by a start that is not told where it is.
  v1_.Stop();
  v1_.Serve();
  EXPECT_EQ(ReasonOf(TryKey(v1_.vault(), "new-0001")), "VAULT_STANDBY_GONE");
}

// After each change that the standby made and the vault did not.
TEST_F(PairTest, WhereverTheVaultDiesNothingAcknowledgedIsLostNorADestroyedKeyBack) {
  for (int lives = 1;; ++lives) {
    SCOPED_TRACE(lives);
    Begin();
    const KeyFound ben = KeyIn(v1_.vault(), kBen);
    const Bytes gone = "gone-" + std::to_string(100 + lives);
    const Bytes dies = "dies-" + std::to_string(100 + lives);
    KeyIn(v1_.vault(), gone);
    KeyIn(v1_.vault(), dies);
    ASSERT_TRUE(v1_.vault().DestroyPersonKey(kSchool, gone));
    dying_->lives = lives;
    if (v1_.vault().DestroyPersonKey(kSchool, dies)) {
      EXPECT_EQ(lives, 6) << "the epoch kept, the rows, two compactions, the epoch destroyed";
      break;
    }
    PromoteStandby();
    EXPECT_EQ(KeyIn(v2_.vault(), gone).state, State::kDestroyed);
    EXPECT_EQ(KeyIn(v2_.vault(), kBen, false).key->secret.View(), ben.key->secret.View());
    ASSERT_TRUE(v2_.vault().DestroyPersonKey(kSchool, dies)) << "asked again";
    EXPECT_TRUE(v2_.vault().ErasureOf(kSchool, dies)->Complete());
    EXPECT_EQ(KeyIn(v2_.vault(), kBen, false).key->secret.View(), ben.key->secret.View());
    // The one that died comes back as the standby of the other, and then the other way round.
    v2_.Stop();
    v1_.StandBy("v2");
    v2_.Serve(v1_.Address());
    v2_.AwaitInStep();
    EXPECT_EQ(v1_.vault().FindPersonKey(kSchool, dies)->state, State::kDestroyed);
    v2_.Stop();
    ASSERT_TRUE(v1_.standby().Promote());
    v1_.Stop();
  }
}

TEST_F(PairTest, ARotationAndACopyAreOfBoth) {
  Begin();
  const KeyFound ada = KeyIn(v1_.vault(), kAda);
  EXPECT_EQ(*v1_.vault().RotateTenant(kSchool), 2U);
  const auto epochs = [](const VaultHalf& half) {
    return *EpochKeys(half.Folder() + "/keys.epochs").Names();
  };
  EXPECT_EQ(epochs(v1_).size(), 1U);
  EXPECT_EQ(epochs(v2_), epochs(v1_));
  EXPECT_EQ(*v1_.vault().BackedUpAt(), Micros());
  ASSERT_TRUE(v1_.vault().BackUp(folders_.In("")));
  EXPECT_EQ(*v2_.vault().BackedUpAt(), clock_.Wall());
  v2_.Stop();
  v1_.AwaitGone();
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_TRUE(v1_.vault().BackUp(folders_.In(""))) << "a copy needs no standby";
  EXPECT_EQ(ReasonOf(v1_.vault().RotateTenant(kSchool)), "VAULT_STANDBY_GONE");
  v2_.StandBy("v1");
  v1_.AwaitInStep();
  EXPECT_EQ(epochs(v2_), epochs(v1_)) << "also what was begun and not ended";
  PromoteStandby();
  EXPECT_EQ(KeyIn(v2_.vault(), kAda, false).key->secret.View(), ada.key->secret.View());
  EXPECT_EQ(epochs(v2_).size(), 1U);
}

TEST_F(PairTest, AStandbyIsGivenTheRootKeyByHand) {
  const auto refused = OpenEmbeddedVault(
      {.folder = folders_.In("v3"), .root_key_path = folders_.In("v3.key"), .standby = true},
      clock_);
  EXPECT_EQ(ReasonOf(refused), "ROOT_KEY_MISSING");
  EXPECT_NE(refused.error().message.find("copy that file"), std::string::npos);
  EXPECT_FALSE(fs::exists(folders_.In("v3.key")));
}

TEST_F(PairTest, AKeyThatDiedOnTheWayIsNotGivenOutAndIsTheSameOrNoneLater) {
  Begin();
  const KeyFound ada = KeyIn(v1_.vault(), kAda);
  dying_->lives = 1;
  EXPECT_EQ(ReasonOf(TryKey(v1_.vault(), kEve)), "DIED");
  v1_.Stop();
  // The vault comes back instead: it has no key of Eve, and takes her from the standby.
  v1_.Serve(v2_.Address());
  v1_.AwaitInStep();
  EXPECT_EQ(KeyIn(v1_.vault(), kEve, false).state, State::kUnknown);
  EXPECT_EQ(v2_.vault().FindPersonKey(kSchool, kEve)->state, State::kUnknown);
  const KeyFound eve = KeyIn(v1_.vault(), kEve);
  PromoteStandby();
  EXPECT_EQ(KeyIn(v2_.vault(), kEve, false).key->secret.View(), eve.key->secret.View());
  EXPECT_EQ(KeyIn(v2_.vault(), kAda, false).key->secret.View(), ada.key->secret.View());
}

TEST_F(PairTest, APromotedStandbyFencesTheVaultThatReachesIt) {
  Begin();
  KeyIn(v1_.vault(), kAda);
  EXPECT_EQ(v1_.standing().term(), 1U);
  ASSERT_TRUE(v2_.standby().Promote());
  EXPECT_EQ(v2_.standing().term(), 2U);
  EXPECT_EQ(ReasonOf(TryKey(v1_.vault(), kBen)), "VAULT_FENCED");
  EXPECT_EQ(ReasonOf(v1_.vault().DestroyPersonKey(kSchool, kAda)), "VAULT_FENCED");
  EXPECT_EQ(ReasonOf(v1_.standing().MayServe()), "VAULT_FENCED");
  VaultNews news;
  const auto node = Node(news, v1_);
  ASSERT_TRUE(node) << "it looks for a vault that is the vault";
  EXPECT_EQ(news.reachable, -1);
  EXPECT_EQ(ReasonOf((*node)->FindPersonKey(kSchool, kAda)), "VAULT_UNAVAILABLE");
  v1_.Stop();
  v1_.Serve(v2_.Address());
  EXPECT_EQ(ReasonOf(v1_.standing().MayServe()), "VAULT_FENCED") << "also after a restart";
  EXPECT_EQ(KeyIn(v2_.vault(), kBen).state, State::kFound);
}

TEST_F(PairTest, ANodeThatSawTheHigherTermFencesTheVaultBefore) {
  Begin();
  VaultNews news;
  {
    const auto node = std::move(*Node(news, v1_));
    KeyIn(*node, kAda);
  }
  // Cut off from each other, and both serve.
  v1_.Stop();
  ASSERT_TRUE(v1_.standing().Detach());
  v1_.Serve();
  ASSERT_TRUE(v2_.standby().Promote());
  {
    const auto node = std::move(*Node(news, v2_));
    EXPECT_EQ(KeyIn(*node, kAda, false).state, State::kFound);
  }
  EXPECT_EQ(v1_.standing().role(), Standing::Role::kServing) << "nobody told it yet";
  VaultNews later;
  const auto node = std::move(*Node(later, v1_));
  EXPECT_EQ(later.reachable, -1);
  EXPECT_EQ(v1_.standing().role(), Standing::Role::kFenced);
  EXPECT_FALSE(later.refused) << "the node goes on, and looks for the vault";
}

TEST_F(PairTest, AStandbyThatMissesKeysIsNotTakenForTheVault) {
  Begin();
  KeyIn(v1_.vault(), kEve);
  v2_.Stop();
  v1_.AwaitGone();
  ASSERT_TRUE(v1_.link().Detach());
  VaultNews news;
  {
    const auto node = std::move(*Node(news, v1_));
    KeyIn(*node, kAda);
    KeyIn(*node, kBen);
  }
  v1_.Stop();
  v2_.StandBy("v1");
  ASSERT_TRUE(v2_.standby().Promote());
  const auto refused = Node(news, v2_);
  EXPECT_EQ(ReasonOf(refused), "KEYS_OLDER");
  EXPECT_NE(refused.error().message.find("erased again"), std::string::npos) << "what to do";
  // Nor has the node learnt its term, by which it would fence the vault.
  v2_.Stop();
  v1_.Serve();
  VaultNews later;
  const auto node = std::move(*Node(later, v1_));
  EXPECT_EQ(v1_.standing().role(), Standing::Role::kServing);
  EXPECT_EQ(node->FindPersonKey(kSchool, kBen)->state, State::kFound);
}

TEST_F(PairTest, AStandbyLearnsWhoseKeysItHasOnceANodeComes) {
  Begin();
  VaultNews news;
  ASSERT_TRUE(Node(news, v1_));
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!fs::exists(v2_.Folder() + "/deployment") && std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(v1_.link().InStep());
  KeyIn(v1_.vault(), kAda);
  PromoteStandby();
  RemoteVaultOptions other = news.Options(v2_.Address(), folders_.In("n2.witness"));
  other.deployment = Bytes(16, 'e');
  EXPECT_EQ(ReasonOf(OpenRemoteVault(other, *node_, clock_)), "VAULT_OF_ANOTHER_DEPLOYMENT");
}

TEST_F(PairTest, WhatAVaultDidBeforeItWasReplacedIsOfTheTermBefore) {
  Begin();
  VaultNews news;
  const auto node = std::move(*Node(news, v1_));
  KeyIn(*node, kAda);
  int changes = 0;
  dying_->after_change = [&] {
    if (++changes == 5) v1_.standing().Fence(5);  // the last one: the epoch is destroyed
  };
  EXPECT_FALSE(node->DestroyPersonKey(kSchool, kAda)) << "it is not told that the node knows it";
  ASSERT_EQ(v1_.standing().role(), Standing::Role::kFenced);
  EXPECT_EQ(KeyIn(v1_.vault(), kAda, false).state, State::kDestroyed);
  EXPECT_FALSE(fs::exists(served::TermFileOf(folders_.In("n1.witness"))));
}

TEST_F(PairTest, WhatADayLeftAsTheVaultDiedIsCompactedAway) {
  Begin();
  ASSERT_TRUE(v1_.vault().DayKey(20'000));
  v1_.Stop();
  v2_.Stop();
  const std::string wrapped = **(*KeyStore::Open(v2_.Folder() + "/keys"))->Get(DayRow(20'000));
  const auto is_there = [&] {
    return std::ranges::any_of(fs::directory_iterator(v2_.Folder() + "/keys"), [&](const auto& at) {
      return testing::ReadAll(at.path()).find(wrapped) != std::string::npos;
    });
  };
  Begin();
  clock_.Advance(std::chrono::days(kDayKeysKept));
  dying_->lives = 2;  // the new day's key, and the old one removed
  EXPECT_EQ(ReasonOf(v1_.vault().DayKey(20'000 + kDayKeysKept)), "DIED");
  EXPECT_TRUE(is_there());
  PromoteStandby();
  EXPECT_FALSE(is_there());
}

TEST_F(PairTest, AStandbyServesNobody) {
  Begin();
  KeyIn(v1_.vault(), kAda);
  VaultNews news;
  const auto node = std::move(*Node(news, v2_));
  EXPECT_EQ(news.reachable, -1);
  EXPECT_EQ(ReasonOf(node->FindPersonKey(kSchool, kAda)), "VAULT_UNAVAILABLE");
}

TEST_F(PairTest, WhatIsNoPairIsRefused) {
  // Another vault's name.
  v2_.StandBy("v9");
  v1_.Serve(v2_.Address());
  EXPECT_TRUE(v1_.AwaitTrouble("PEER_NOT_SERVED")) << v1_.link().Trouble();
  EXPECT_EQ(ReasonOf(TryKey(v1_.vault(), kAda)), "VAULT_STANDBY_GONE") << "not before it is there";
  EXPECT_EQ(ReasonOf(v2_.standby().Promote()), "VAULT_STANDBY_EMPTY");
  // Another root key.
  v2_.Stop();
  fs::remove_all(v2_.Folder());
  fs::create_directories(v2_.Folder());
  v2_.Serve();
  v2_.Stop();
  v2_.StandBy("v1");
  EXPECT_TRUE(v1_.AwaitTrouble("ROOT_KEY_WRONG")) << v1_.link().Trouble();
  // Another vault's keys.
  v2_.Stop();
  fs::remove_all(v2_.Folder());
  fs::create_directories(v2_.Folder());
  v2_.TakeRootKeyOf(v1_);
  v2_.Serve();
  KeyIn(v2_.vault(), kBen);
  v2_.Stop();
  v2_.StandBy("v1");
  EXPECT_TRUE(v1_.AwaitTrouble("VAULT_IS_ANOTHER")) << v1_.link().Trouble();
}

TEST_F(PairTest, AVaultOlderThanItsStandbyIsRefused) {
  Begin();
  v1_.Stop();
  fs::copy(v1_.Folder(), v1_.Folder() + ".older", fs::copy_options::recursive);
  v1_.Serve(v2_.Address());
  v1_.AwaitInStep();
  KeyIn(v1_.vault(), kAda);
  KeyIn(v1_.vault(), kBen);
  v1_.Stop();
  fs::remove_all(v1_.Folder());
  fs::rename(v1_.Folder() + ".older", v1_.Folder());
  v1_.Serve(v2_.Address());
  std::this_thread::sleep_for(std::chrono::seconds(2));
  EXPECT_FALSE(v1_.link().InStep());
  EXPECT_NE(v1_.link().Trouble().find("KEYS_OLDER"), std::string::npos);
  EXPECT_EQ(v2_.vault().FindPersonKey(kSchool, kBen)->state, State::kFound) << "nothing was lost";
}

TEST_F(PairTest, AStandingThatIsDamagedIsSaid) {
  const std::string path = v1_.Folder() + "/standing";
  for (const char* text :
       {"", "jalon.vault.standing.1 serving 0 none", "x serving 1 none",
        "jalon.vault.standing.1 king 1 none", "jalon.vault.standing.1 serving 1 none more"}) {
    std::ofstream(path) << text;
    EXPECT_EQ(ReasonOf(Standing::Open(path)), "VAULT_STANDING_DAMAGED") << text;
  }
}

}  // namespace
}  // namespace jalon::eventstore
