#include "eventstore/rocks/store_tail.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "eventstore/log/rocks/temp_folder_testing.h"
#include "eventstore/rocks/record_file.h"

namespace jalon::eventstore::rocks {
namespace {

namespace fs = std::filesystem;

constexpr uintmax_t kBlock = 32 * 1024;
constexpr uintmax_t kTornBytes = 107;

// A store that was written three times; the last write goes beyond its block.
class StoreTailTest : public ::testing::Test {
 protected:
  StoreTailTest() {
    options_.create_if_missing = true;
    options_.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    rocksdb::DB* opened = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open(options_, folder_, &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    rocksdb::WriteOptions synced;
    synced.sync = true;
    for (const auto& [row, bytes] :
         std::map<std::string, size_t>{{"a", 9}, {"b", 9}, {"c", kBlock}}) {
      EXPECT_TRUE(db->Put(synced, row, std::string(bytes, 'x')).ok());
      ends_.push_back(fs::file_size(FileLike("", ".log")));
    }
  }

  std::string FileLike(const std::string& begin, const std::string& extension) const {
    for (const auto& file : fs::directory_iterator(folder_)) {
      const fs::path& path = file.path();
      if (path.extension() == extension && path.filename().string().starts_with(begin)) return path;
    }
    return "";
  }
  void Overwrite(uintmax_t from, const std::string& bytes) const {
    std::fstream file(FileLike("", ".log"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(from));
    file << bytes;
  }
  // A record of the MANIFEST of which the power cut left the head only.
  void TearManifest() const {
    std::ofstream(FileLike("MANIFEST-", ""), std::ios::binary | std::ios::app)
        << std::string("\x01\x02\x03\x04\x64\x00\x01", 7) << std::string(100, '\0');
  }
  void ZeroLast(uintmax_t bytes) const { Overwrite(ends_[2] - bytes, std::string(bytes, '\0')); }

  // What it holds; "refused" if it does not open.
  std::string RowsOf(rocksdb::DB& db) const {
    std::string rows;
    const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator(rocksdb::ReadOptions()));
    for (at->SeekToFirst(); at->Valid(); at->Next()) rows += at->key().ToString();
    return rows;
  }
  std::string Open() const {
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options_, folder_, &opened);
    const std::unique_ptr<rocksdb::DB> db(opened);
    return status.ok() ? RowsOf(*db) : "refused";
  }
  std::map<std::string, std::string> Files() const {
    std::map<std::string, std::string> files;
    for (const auto& file : fs::directory_iterator(folder_)) {
      std::ifstream bytes(file.path(), std::ios::binary);
      files[file.path()] = {std::istreambuf_iterator<char>(bytes), {}};
    }
    return files;
  }
  Store TheStore() const {
    return {.folder = folder_, .options = options_, .otherwise = "do otherwise"};
  }
  // Refused for that reason, and nothing was changed.
  void ExpectLeftAlone(const std::string& reason, const Store& store) const {
    const auto before = Files();
    for (const auto& tail : {FindStoreTail(store), CutStoreTail(store)}) {
      ASSERT_FALSE(tail);
      EXPECT_EQ(tail.error().reason, reason) << tail.error().message;
    }
    EXPECT_EQ(Files(), before);
  }
  void ExpectCut(uintmax_t bytes) const {
    EXPECT_EQ(Open(), "refused");
    const auto before = Files();
    const auto found = FindStoreTail(TheStore());
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->bytes, bytes);
    EXPECT_TRUE(found->has_write);
    EXPECT_EQ(Files(), before);
    const auto cut = CutStoreTail(TheStore());
    ASSERT_TRUE(cut) << cut.error().message;
    EXPECT_EQ(cut->bytes, bytes);
    EXPECT_NE(cut->damage, "");
    EXPECT_EQ(Open(), "ab");
    ExpectLeftAlone("STORE_SOUND", TheStore());
    for (const auto& [path, content] : Files()) {  // and no copy of it is kept
      EXPECT_EQ(content.find(std::string(100, 'x')), std::string::npos) << path;
    }
  }

  const testing::TempFolder temp_;
  const std::string folder_ = temp_ / "store";
  rocksdb::Options options_;
  std::vector<uintmax_t> ends_;  // of each write
};

TEST_F(StoreTailTest, ASoundStoreIsLeftAlone) {
  EXPECT_EQ(Open(), "abc");
  ExpectLeftAlone("STORE_SOUND", TheStore());
}

TEST_F(StoreTailTest, CutsATornTailAndNothingElse) {
  ZeroLast(10);
  ExpectCut(ends_[2] - ends_[1]);
}

TEST_F(StoreTailTest, CutsAWriteOfWhichThereIsOnlyTheFirstBlock) {
  ZeroLast(ends_[2] - kBlock);
  ExpectCut(ends_[2] - ends_[1]);
}

TEST_F(StoreTailTest, DamageBeforeALaterWriteIsRefused) {
  Overwrite(ends_[0] + 10, "?");
  EXPECT_EQ(Open(), "refused");
  ExpectLeftAlone("STORE_CORRUPT", TheStore());
  EXPECT_NE(FindStoreTail(TheStore()).error().message.find("do otherwise"), std::string::npos);
}

// RocksDB passes over what lies in the block behind it, and so over a write that was synced.
TEST_F(StoreTailTest, AHeaderOfZerosBeforeALaterWriteIsRefused) {
  Overwrite(ends_[0], std::string(7, '\0'));
  EXPECT_EQ(Open(), "refused");
  ExpectLeftAlone("STORE_CORRUPT", TheStore());
}

// Whose checksum is right: it was written like that.
TEST_F(StoreTailTest, ARecordThatIsWholeAndNoWriteIsRefused) {
  std::ofstream(FileLike("", ".log"), std::ios::binary | std::ios::app)
      << std::string("\x05\x2b\x28\x43\x00\x00\x01", 7);
  EXPECT_EQ(Open(), "refused");
  ExpectLeftAlone("STORE_CORRUPT", TheStore());
}

// Nothing hangs on it: no write is cut. manifest_ends_test.cc has what some do hang on.
TEST_F(StoreTailTest, CutsATornRecordOfTheManifest) {
  TearManifest();
  EXPECT_EQ(Open(), "refused");
  const auto before = Files();
  const auto found = FindStoreTail(TheStore());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->bytes, kTornBytes);
  EXPECT_FALSE(found->has_write);
  EXPECT_EQ(Files(), before);
  const auto cut = CutStoreTail(TheStore());
  ASSERT_TRUE(cut) << cut.error().message;
  EXPECT_EQ(cut->bytes, kTornBytes);
  EXPECT_EQ(Open(), "abc");
  ExpectLeftAlone("STORE_SOUND", TheStore());
}

TEST_F(StoreTailTest, CutsBothTailsAtOnce) {
  TearManifest();
  ZeroLast(10);
  const auto cut = CutStoreTail(TheStore());
  ASSERT_TRUE(cut) << cut.error().message;
  EXPECT_EQ(cut->bytes, ends_[2] - ends_[1] + kTornBytes);
  EXPECT_TRUE(cut->has_write);
  EXPECT_EQ(Open(), "ab");
}

TEST_F(StoreTailTest, DamageWithinTheManifestIsRefused) {
  std::fstream(FileLike("MANIFEST-", ""), std::ios::in | std::ios::out | std::ios::binary)
      .seekp(20)
      .put('?');
  EXPECT_EQ(Open(), "refused");
  ExpectLeftAlone("STORE_CORRUPT", TheStore());
}

TEST_F(StoreTailTest, ADamagedWriteBeforeALaterOneIsRefusedWhereTheManifestIsTornToo) {
  TearManifest();
  Overwrite(ends_[0] + 10, "?");
  ExpectLeftAlone("STORE_CORRUPT", TheStore());
}

TEST_F(StoreTailTest, WhatTheCheckRefusesIsNotCut) {
  ZeroLast(10);
  TearManifest();
  Store store = TheStore();
  std::string seen;
  store.check = [&](rocksdb::DB& db) -> Result<void> {
    seen = RowsOf(db);
    return Fail(Code::kFailedPrecondition, "SOMEBODY_SAW_MORE", "");
  };
  ExpectLeftAlone("SOMEBODY_SAW_MORE", store);
  EXPECT_EQ(seen, "ab");
  EXPECT_EQ(Open(), "refused");
}

TEST_F(StoreTailTest, WhatIsRefusedAfterTheCutIsNotSaidToBeLeftAlone) {
  ZeroLast(10);
  Store store = TheStore();
  store.check = [asked = 0](rocksdb::DB&) mutable -> Result<void> {
    if (++asked == 1) return {};
    return Fail(Code::kFailedPrecondition, "SOMEBODY_SAW_MORE", "more was seen");
  };
  const auto cut = CutStoreTail(store);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().reason, "STORE_CUT_UNSOUND");
  EXPECT_NE(cut.error().message.find("is cut"), std::string::npos);
  EXPECT_NE(cut.error().message.find("more was seen; do otherwise"), std::string::npos);
  EXPECT_EQ(Open(), "ab");
}

TEST_F(StoreTailTest, WhereThereIsNoneNoneIsMade) {
  fs::remove_all(folder_);
  EXPECT_EQ(CutStoreTail(TheStore()).error().reason, "STORE_MISSING");
  EXPECT_FALSE(fs::exists(folder_));
}

TEST(LastRowInWal, CountsRowsOfWritesThatGoBeyondTheirBlock) {
  const testing::TempFolder temp;
  const std::string folder = temp / "store";
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, folder, &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  const auto write = [&](size_t bytes) {
    rocksdb::WriteOptions synced;
    synced.sync = true;
    ASSERT_TRUE(db->Put(synced, "a", std::string(bytes, 'x')).ok());
  };
  for (const size_t bytes : {size_t{9}, kBlock - 60, 3 * kBlock, size_t{9}}) write(bytes);
  EXPECT_EQ(LastRowInWal(folder, 0).value(), 4u);
  EXPECT_EQ(LastRowInWal(folder, 3).value(), 4u);
  EXPECT_EQ(LastRowInWal(folder, 9).value(), 9u);
  ASSERT_TRUE(db->Flush(rocksdb::FlushOptions()).ok());  // and that WAL is gone
  EXPECT_EQ(LastRowInWal(folder, 4).value(), 4u);
  write(9);
  EXPECT_EQ(LastRowInWal(folder, 4).value(), 5u);
  EXPECT_EQ(LastRowInWal(folder, 3).value(), std::nullopt);
}

}  // namespace
}  // namespace jalon::eventstore::rocks
