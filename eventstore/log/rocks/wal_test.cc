#include "eventstore/rocks/record_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "eventstore/log/rocks/database.h"
#include "eventstore/log/rocks/temp_folder_testing.h"

namespace jalon::eventstore::rocks {
namespace {

// A database's WAL with three batches: a small one, one over three blocks, a small one.
class WalTest : public ::testing::Test {
 protected:
  WalTest() {
    const auto database = Database::Open(path_, Database::Mode::kCreate, {}).value();
    for (const size_t bytes : {100, 80'000, 100}) {
      rocksdb::WriteBatch batch;
      database->PutEntry(batch, ends_.size(), Partition{0}, Offset{ends_.size()},
                         std::string(bytes, 'x'));
      database->Write(batch);
      ends_.push_back(std::filesystem::file_size(Wal()));
    }
  }
  std::string Wal() const {
    for (const auto& file : std::filesystem::directory_iterator(path_)) {
      if (file.path().extension() == ".log") return file.path().string();
    }
    return "";
  }
  void Damage(uintmax_t at) const {
    std::fstream file(Wal(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file.put('?');
  }

  testing::TempFolder folder_;
  const std::string path_ = folder_ / "db";
  std::vector<uintmax_t> ends_;  // of each batch
};

TEST_F(WalTest, ASoundOneHasNothingBehindDamage) {
  EXPECT_EQ(FindWalDamage(path_), RecordDamage{});
}

TEST_F(WalTest, DamageInTheLastBatchHasNothingBehind) {
  Damage(ends_[2] - 20);
  EXPECT_EQ(FindWalDamage(path_), (RecordDamage{ends_[2] - ends_[1], false}));
}

TEST_F(WalTest, DamageInAHeaderOfTheLastBatchHasNothingBehind) {
  for (uintmax_t i = 0; i < 7; ++i) {
    Damage(ends_[1] + i);
    EXPECT_EQ(FindWalDamage(path_)->batch_behind, false) << i;
  }
}

TEST_F(WalTest, DamageBeforeABatchIsSeenWhereverItIs) {
  for (const uintmax_t at : {uintmax_t{4}, uintmax_t{50}, ends_[0] + 5, ends_[0] + 20'000,
                             ends_[0] + 70'000, ends_[1] - 1}) {
    Damage(at);
    EXPECT_EQ(FindWalDamage(path_)->batch_behind, true) << at;
  }
}

// The fragments of one batch are no batches of their own.
TEST_F(WalTest, FragmentsOfTheDamagedBatchDoNotCount) {
  std::filesystem::resize_file(Wal(), ends_[1]);
  Damage(ends_[0] + 50);
  EXPECT_EQ(FindWalDamage(path_)->batch_behind, false);
}

// RocksDB takes a header of zeros for the end of its block, and passes over what lies there.
TEST_F(WalTest, AHeaderOfZerosIsDamageUnlessTheFileEndsWithZeros) {
  std::fstream file(Wal(), std::ios::in | std::ios::out | std::ios::binary);
  const auto zero = [&](uintmax_t from, uintmax_t end) {
    file.seekp(static_cast<std::streamoff>(from));
    file << std::string(end - from, '\0') << std::flush;
  };
  zero(ends_[1], ends_[2]);
  EXPECT_EQ(FindWalDamage(path_), RecordDamage{});
  zero(ends_[0], ends_[0] + 7);
  EXPECT_EQ(FindWalDamage(path_), (RecordDamage{ends_[2] - ends_[0], false}));
  zero(0, 7);
  EXPECT_EQ(FindWalDamage(path_), (RecordDamage{ends_[2], false}));
}

TEST_F(WalTest, AHeaderOfZerosBeforeABatchIsSeen) {
  std::fstream file(Wal(), std::ios::in | std::ios::out | std::ios::binary);
  file << std::string(7, '\0') << std::flush;
  EXPECT_EQ(FindWalDamage(path_), (RecordDamage{ends_[2], true}));
}

TEST_F(WalTest, ABatchWhoseRestIsZerosIsDamagedFromItsBeginning) {
  constexpr uintmax_t kBlock = 32 * 1024;
  std::fstream file(Wal(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(kBlock);
  file << std::string(kBlock, '\0') << std::flush;
  EXPECT_EQ(FindWalDamage(path_), (RecordDamage{ends_[2] - ends_[0], true}));
  std::filesystem::resize_file(Wal(), 2 * kBlock);
  EXPECT_EQ(FindWalDamage(path_), (RecordDamage{2 * kBlock - ends_[0], false}));
}

TEST_F(WalTest, ALaterFileCounts) {
  Damage(ends_[2] - 20);
  std::filesystem::copy_file(Wal(), path_ + "/999999.log");
  EXPECT_EQ(FindWalDamage(path_)->batch_behind, true);
}

TEST_F(WalTest, TheManifestIsTheOneThatCountsNow) {
  EXPECT_EQ(FindManifestDamage(path_), RecordDamage{});
  std::string name;
  std::ifstream(path_ + "/CURRENT") >> name;
  std::ofstream(path_ + "/" + name, std::ios::app) << "not a record";
  EXPECT_EQ(FindManifestDamage(path_), (RecordDamage{12, false}));
}

TEST_F(WalTest, WhatCannotBeReadIsNotSound) {
  std::filesystem::remove(path_ + "/CURRENT");
  EXPECT_EQ(FindManifestDamage(path_).error().reason, "STORE_UNREADABLE");
}

}  // namespace
}  // namespace jalon::eventstore::rocks
