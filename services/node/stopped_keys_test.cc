#include "services/node/stopped_keys.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "eventstore/log/rocks/temp_folder_testing.h"
#include "eventstore/vault/embedded/key_store.h"
#include "eventstore/vault/key_witness.h"
#include "eventstore/vault/served/standing.h"

namespace jalon::node {
namespace {

namespace fs = std::filesystem;
using eventstore::Standing;

// A vault's folder, whose keys were written twice before they got a torn end.
class StoppedKeysTest : public ::testing::Test {
 protected:
  StoppedKeysTest() {
    fs::create_directories(data_);
    {
      const auto store = eventstore::KeyStore::Open(data_ + "/keys", {.witness_path = witness_});
      EXPECT_TRUE(store) << store.error().message;
      EXPECT_TRUE((*store)->Write({{"a", "1"}}, {}));
    }
    for (const auto& file : fs::directory_iterator(data_ + "/keys")) {
      if (file.path().extension() != ".log" || file.file_size() == 0) continue;
      std::ofstream(file.path(), std::ios::binary | std::ios::app)
          << std::string("\x01\x02\x03\x04\x64\x00\x01", 7) << std::string(100, '\0');
    }
  }

  std::unique_ptr<Standing> Now() const { return *Standing::Open(data_ + "/standing"); }
  void BecomeStandbyInStep() const {
    ASSERT_TRUE(Now()->BecomeStandby());
    ASSERT_TRUE(Now()->SetBehind(false));
  }
  // A witness of later writes than there are: what is damaged was given out.
  void WitnessSawMore() const {
    const eventstore::KeyMark seen = (*eventstore::KeyWitness::Open(witness_))->Last();
    fs::remove(witness_);
    ASSERT_TRUE(
        eventstore::KeyWitness::Create(witness_, {.life = seen.life, .writes = seen.writes + 1}));
  }
  // Of an error the reason and what it says; empty: done.
  std::string Repair(bool dry_run, bool although_paired = false) const {
    const auto cut = RepairKeys(data_, dry_run, although_paired);
    return cut ? "" : cut.error().reason + ": " + cut.error().message;
  }
  // Neither a dry run nor a cut is done.
  void ExpectRefused(const std::string& reason, const std::string& instead,
                     bool although_paired = false) const {
    for (const bool dry_run : {true, false}) {
      const std::string told = Repair(dry_run, although_paired);
      EXPECT_TRUE(told.starts_with(reason + ": ")) << told;
      EXPECT_NE(told.find(instead), std::string::npos) << told;
    }
  }
  void ExpectCut(bool although_paired = false) const {
    EXPECT_EQ(Repair(true, although_paired), "");
    EXPECT_EQ(Repair(false, although_paired), "");
    const auto store = eventstore::KeyStore::Open(data_ + "/keys", {.witness_path = witness_});
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ((*store)->Get("a").value(), "1");
  }

  const eventstore::testing::TempFolder temp_;
  const std::string data_ = temp_ / "data";
  const std::string witness_ = data_ + "/keys.witness";
};

TEST_F(StoppedKeysTest, OfAVaultAloneATornEndIsCut) {
  ExpectCut();
  EXPECT_FALSE(fs::exists(data_ + "/standing"));
}

TEST_F(StoppedKeysTest, AStandbyThatWasCutIsNotPromoted) {
  BecomeStandbyInStep();
  const auto dry = RepairKeys(data_, true, false);
  ASSERT_TRUE(dry) << dry.error().message;
  EXPECT_TRUE(dry->of_standby);
  EXPECT_FALSE(Now()->behind());
  ExpectCut();
  EXPECT_TRUE(Now()->behind());
  const auto promoted = Now()->Promote();
  ASSERT_FALSE(promoted);
  EXPECT_EQ(promoted.error().reason, "VAULT_STANDBY_BEHIND");
}

TEST_F(StoppedKeysTest, WhatAStandbyMayHaveIsCutByForceAlone) {
  ASSERT_TRUE(Now()->Attached());
  ExpectRefused("VAULT_IS_PAIRED", "jalon vault promote");
  ExpectCut(/*although_paired=*/true);
  EXPECT_EQ(Now()->standby(), Standing::Standby::kAttached);
}

// Nothing was made at such a one that this vault has not.
TEST_F(StoppedKeysTest, AStandbyThatLacksKeysHoldsNoCutUp) {
  ASSERT_TRUE(Now()->Attached());
  ASSERT_TRUE(Now()->Detach());
  EXPECT_EQ(Repair(true), "");
  ASSERT_TRUE(Now()->Reattach());
  ExpectCut();
}

TEST_F(StoppedKeysTest, WhereNothingMayBeCutItIsSaidWhereTheKeysAre) {
  WitnessSawMore();
  ExpectRefused("KEYS_OLDER", "jalon vault restore");
  ASSERT_TRUE(Now()->Attached());
  ExpectRefused("KEYS_OLDER", "jalon vault promote");
  ExpectRefused("KEYS_OLDER", "jalon vault promote", /*although_paired=*/true);
  BecomeStandbyInStep();
  ExpectRefused("KEYS_OLDER", "on an empty folder");
  EXPECT_FALSE(Now()->behind());
}

TEST_F(StoppedKeysTest, WithADamagedStandingNothingIsCut) {
  std::ofstream(data_ + "/standing") << "nothing";
  ExpectRefused("VAULT_STANDING_DAMAGED", "standing");
}

}  // namespace
}  // namespace jalon::node
