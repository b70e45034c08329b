// What hangs on the last record of a MANIFEST, and what does not.
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "eventstore/log/rocks/temp_folder_testing.h"
#include "eventstore/rocks/manifest_ends_testing.h"
#include "eventstore/rocks/store_tail.h"

namespace jalon::eventstore::testing {
namespace {

// A store that counts its writes, and removes the row of each third.
class ManifestEndsTest : public ::testing::TestWithParam<bool> {
 protected:
  ManifestEndsTest() {
    options_.create_if_missing = true;
    options_.paranoid_checks = true;
    options_.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    options_.track_and_verify_wals_in_manifest = GetParam();
    options_.disable_auto_compactions = true;
    Start();
  }

  void Start() {
    db_.reset();
    rocksdb::Options options = options_;
    options.env = disk_.env();
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options, temp_ / "made", &opened);
    ASSERT_TRUE(status.ok()) << status.ToString();
    db_.reset(opened);
  }
  void Write(int times) {
    rocksdb::WriteOptions synced;
    synced.sync = true;
    for (; times > 0; --times) {
      rocksdb::WriteBatch batch;
      ++writes_;
      batch.Put("count", std::to_string(writes_));
      batch.Put(Row(writes_), "there");
      if (writes_ % 3 == 0) batch.Delete(Row(writes_ - 1));
      ASSERT_TRUE(db_->Write(synced, &batch).ok());
    }
  }
  void Flush() { ASSERT_TRUE(db_->Flush(rocksdb::FlushOptions()).ok()); }
  void Compact() {
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    ASSERT_TRUE(db_->CompactRange(options, nullptr, nullptr).ok());
  }
  // As the disk is at this moment: as a power cut would leave it where nothing that RocksDB did
  // last was synced, or where all of it was.
  StoreFiles Kept() const { return ReadStore(temp_ / "made"); }
  StoreFiles Synced() const { return Without(Kept(), disk_.removed()); }

  static std::string Row(int write) { return "row " + std::to_string(write); }
  std::string Lacks(rocksdb::DB& db) const {
    std::string value;
    const auto is_there = [&](const std::string& row) {
      return db.Get(rocksdb::ReadOptions(), row, &value).ok();
    };
    if (!is_there("count") || value != std::to_string(writes_)) return "the last write";
    for (int write = 1; write <= writes_; ++write) {
      const bool was_removed = write % 3 == 2 && write < writes_;
      if (is_there(Row(write)) == was_removed) return Row(write);
    }
    return "";
  }
  StoreInTest Store() {
    const std::string folder = in_memory_ / "store";
    const auto repair = [this, folder](bool dry_run) {
      const rocks::Store store{.folder = folder, .options = options_, .otherwise = ""};
      return dry_run ? rocks::FindStoreTail(store) : rocks::CutStoreTail(store);
    };
    const auto open = [this, folder]() -> std::string {
      if (!rocks::CheckBeforeOpening(options_, folder).ok()) return "refused";
      rocksdb::DB* opened = nullptr;
      if (!rocksdb::DB::Open(options_, folder, &opened).ok()) return "refused";
      const std::unique_ptr<rocksdb::DB> db(opened);
      return Lacks(*db);
    };
    return {folder, repair, open};
  }
  // Each end of what was appended since `from`.
  EndsFound Try(StoreFiles files, uint64_t from, uint64_t step) {
    return TryEnds(files, ManifestOf(files).size() - from, step, Store());
  }
  void ExpectRefusedOnlyWhereSynced(uint64_t from) {
    const EndsFound kept = Try(Kept(), from, 5);
    EXPECT_GT(kept.repaired, 30u);
    EXPECT_EQ(kept.refused, 0u);
    EXPECT_GT(Try(Synced(), from, 5).refused, 30u);
  }
  uint64_t ManifestBytes() const {
    StoreFiles files = Kept();
    return ManifestOf(files).size();
  }
  void ExpectOne(const StoreFiles& files, const std::string& expected) {
    EndsFound found;
    TryRepair(files, Store(), &found);
    EXPECT_EQ(found.repaired == 1  ? "repaired"
              : found.refused == 1 ? "refused"
                                   : "opened",
              expected);
  }

  const TempFolder temp_{TempFolder::kInMemory};
  const TempFolder in_memory_{TempFolder::kInMemory};
  const KeepingDisk disk_;
  rocksdb::Options options_;
  std::unique_ptr<rocksdb::DB> db_;
  int writes_ = 0;
};

INSTANTIATE_TEST_SUITE_P(TracksItsWal, ManifestEndsTest, ::testing::Bool());

// Where it was not synced, the WAL is there, and nothing is refused; where it was, no row is lost.
TEST_P(ManifestEndsTest, OfAFlush) {
  Write(10);
  const uint64_t from = ManifestBytes();
  Flush();
  const EndsFound kept = Try(Kept(), from, 3);
  EXPECT_GT(kept.repaired, 50u);
  EXPECT_GT(kept.opened, 30u);  // RocksDB itself tolerates one that is cut short
  EXPECT_EQ(kept.refused, 0u);
  EXPECT_GT(Try(Synced(), from, 5).refused, 30u);
}

// Then what was written last is there in any case.
TEST_P(ManifestEndsTest, OfAFlushWithWritesSince) {
  Write(10);
  const uint64_t from = ManifestBytes();
  Flush();
  Write(5);
  ExpectRefusedOnlyWhereSynced(from);
}

TEST_P(ManifestEndsTest, OfACompaction) {
  for (int i = 0; i < 2; ++i) {
    Write(10);
    Flush();
  }
  const uint64_t from = ManifestBytes();
  Compact();
  Write(5);
  ExpectRefusedOnlyWhereSynced(from);
}

// Of rows that have no number any more, where nothing is named before: the WAL is empty, and would
// miss none.
TEST_P(ManifestEndsTest, OfTheFirstFlushAndItsCompaction) {
  Write(10);
  const uint64_t from = ManifestBytes();
  Flush();
  Compact();
  const EndsFound synced = Try(Synced(), from, 3);
  EXPECT_EQ(synced.repaired, 0u);
  EXPECT_GT(synced.refused, 50u);
}

// RocksDB says what is wrong there, and nothing throws.
TEST_P(ManifestEndsTest, WhatCannotBeReadIsLeftToTheOpening) {
  StoreFiles files = Kept();
  files["CURRENT"] = "\n";
  EndsFound found;
  TryRepair(files, Store(), &found);
  EXPECT_EQ(found.refused, 1u);
  std::filesystem::create_directories(temp_ / "odd/manifest");
  std::ofstream(temp_ / "odd/CURRENT") << "manifest\n";  // reads as a disk that cannot
  EXPECT_TRUE(rocks::CheckBeforeOpening(options_, temp_ / "odd").ok());
}

// It begins a MANIFEST, which is synced before CURRENT names it.
TEST_P(ManifestEndsTest, OfAStart) {
  Write(10);
  Start();
  Write(10);
  Compact();  // no row has its number any more
  Start();
  Try(Kept(), 0, 13);
  EXPECT_GT(Try(Synced(), 0, 7).refused, 50u);
}

// Nothing was flushed, and the MANIFEST is torn all the same.
TEST_P(ManifestEndsTest, BothTailsAreCutAtOnce) {
  Write(10);
  Flush();
  Write(5);
  StoreFiles files = Synced();
  ManifestOf(files) += TornRecord();
  ExpectOne(files, "repaired");
  for (auto& [name, bytes] : files) {
    if (name.ends_with(".log") && !bytes.empty()) bytes += TornRecord();
  }
  ExpectOne(files, "repaired");
}

TEST_P(ManifestEndsTest, ATableThatWasNeverFinishedIsNone) {
  Write(10);
  Flush();
  StoreFiles files = Synced();
  ManifestOf(files) += TornRecord();
  const auto table = std::ranges::find_if(files, [](const auto& file) {
                       return file.first.ends_with(".sst");
                     })->second;
  files["000123.sst"] = table.substr(0, table.size() / 2) + std::string(100, '\0');
  files["000124.sst"] = "";
  ExpectOne(files, "repaired");
  files["000125.sst"] = table;  // removed, and the power cut brought it back
  ExpectOne(files, "repaired");
  files["000125.sst"][10] ^= 4;  // nobody knows what it held
  ExpectOne(files, "refused");
}

}  // namespace
}  // namespace jalon::eventstore::testing
