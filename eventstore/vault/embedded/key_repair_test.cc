#include "eventstore/vault/embedded/key_repair.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "eventstore/log/rocks/temp_folder_testing.h"
#include "eventstore/rocks/manifest_ends_testing.h"
#include "eventstore/vault/embedded/key_store.h"
#include "eventstore/vault/key_witness.h"

namespace jalon::eventstore {
namespace {

namespace fs = std::filesystem;

// A key store with rows a and b, of which the last was synced, and which nobody was told of.
class KeyRepairTest : public ::testing::Test {
 protected:
  KeyRepairTest() {
    const auto store = Open();
    EXPECT_TRUE(store) << store.error().message;
    EXPECT_TRUE((*store)->Write({{"a", "1"}}, {}));
    fs::copy_file(witness_, witness_ + ".before");
    EXPECT_TRUE((*store)->Write({{"b", "2"}}, {}));
  }

  Result<std::unique_ptr<KeyStore>> Open() {
    return KeyStore::Open(folder_, {.witness_path = witness_});
  }
  std::string Refused() {
    const auto store = Open();
    return store ? "" : store.error().message;
  }
  void WitnessSawNoB() {
    fs::copy_file(witness_ + ".before", witness_, fs::copy_options::overwrite_existing);
  }
  // Of the last write.
  void Tear() {
    for (const auto& file : fs::directory_iterator(folder_)) {
      if (file.path().extension() != ".log" || file.file_size() == 0) continue;
      std::fstream wal(file.path(), std::ios::in | std::ios::out | std::ios::binary);
      wal.seekp(-5, std::ios::end) << std::string(5, '\0');
    }
  }
  void TearManifest() {
    for (const auto& file : fs::directory_iterator(folder_)) {
      if (!file.path().filename().string().starts_with("MANIFEST-")) continue;
      std::ofstream(file.path(), std::ios::binary | std::ios::app) << testing::TornRecord();
    }
  }
  std::string Repair(bool dry_run) {
    const auto tail = RepairKeyStore(folder_, witness_, dry_run);
    return tail ? "" : tail.error().reason;
  }

  const testing::TempFolder temp_;
  const std::string folder_ = temp_ / "keys";
  const std::string witness_ = temp_ / "witness";
};

TEST_F(KeyRepairTest, ASoundStoreIsLeftAlone) { EXPECT_EQ(Repair(false), "STORE_SOUND"); }

TEST_F(KeyRepairTest, WhatNobodyWasToldOfIsCut) {
  WitnessSawNoB();
  Tear();
  EXPECT_NE(Refused().find("jalon vault repair"), std::string::npos);
  EXPECT_EQ(Repair(true), "");
  EXPECT_NE(Refused(), "");
  EXPECT_EQ(Repair(false), "");
  const auto store = Open();
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ((*store)->Get("a").value(), "1");
  EXPECT_EQ((*store)->Get("b").value(), std::nullopt);
}

// It may be torn at the same time: of that no write is cut.
TEST_F(KeyRepairTest, ATornManifestIsCutToo) {
  TearManifest();
  EXPECT_NE(Refused().find("jalon vault repair"), std::string::npos);
  EXPECT_EQ(Repair(true), "");
  EXPECT_NE(Refused(), "");
  EXPECT_EQ(Repair(false), "");
  EXPECT_EQ((*Open())->Get("b").value(), "2");  // which the witness saw
}

TEST_F(KeyRepairTest, WhatTheWitnessSawIsNotCutWhereTheManifestIsTornToo) {
  TearManifest();
  Tear();
  EXPECT_EQ(Repair(false), "KEYS_OLDER");
  WitnessSawNoB();
  EXPECT_EQ(Repair(false), "");
  EXPECT_EQ((*Open())->Get("a").value(), "1");
}

// RocksDB takes a header of zeros for the end, and an old witness knows no better.
TEST_F(KeyRepairTest, ZerosBeforeASoundWriteAreRefused) {
  {
    const auto store = *Open();
    EXPECT_TRUE(store->Write({{"c", "3"}}, {}));
    EXPECT_TRUE(store->Write({{"d", "4"}}, {}));
  }
  uintmax_t last = 0;
  for (const auto& file : fs::directory_iterator(folder_)) {
    if (file.path().extension() == ".log") last = std::max(last, file.file_size());
  }
  ASSERT_GT(last, 0u);
  for (const auto& file : fs::directory_iterator(folder_)) {
    if (file.path().extension() != ".log" || file.file_size() != last) continue;
    std::fstream(file.path(), std::ios::in | std::ios::out | std::ios::binary)
        << std::string(7, '\0');
  }
  WitnessSawNoB();
  EXPECT_NE(Refused(), "");
  EXPECT_EQ(Repair(false), "STORE_CORRUPT");
}

TEST_F(KeyRepairTest, WhatTheWitnessSawIsNotCut) {
  Tear();
  EXPECT_EQ(Repair(true), "KEYS_OLDER");
  EXPECT_EQ(Repair(false), "KEYS_OLDER");
  EXPECT_NE(Refused().find("jalon vault repair"), std::string::npos);
}

TEST_F(KeyRepairTest, OfAnotherStoreNothingIsCut) {
  Tear();
  fs::remove(witness_);
  ASSERT_TRUE(KeyWitness::Create(witness_, {.life = Bytes(KeyMark::kLifeBytes, 'o'), .writes = 1}));
  EXPECT_EQ(Repair(false), "KEYS_OLDER");
}

// An operator removed it, who accepts what is there.
TEST_F(KeyRepairTest, WithoutAWitnessNobodyIsAsked) {
  Tear();
  fs::remove(witness_);
  EXPECT_EQ(Repair(false), "");
  EXPECT_EQ(Refused(), "");
}

}  // namespace
}  // namespace jalon::eventstore
