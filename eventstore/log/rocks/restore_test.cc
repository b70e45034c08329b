#include "eventstore/log/rocks/restore.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "eventstore/log/log_testing.h"
#include "eventstore/log/record.h"
#include "eventstore/log/rocks/temp_folder_testing.h"
#include "eventstore/log/verify.h"

namespace jalon::eventstore::testing {
namespace {

const Bytes kSecondLife = "the second life.";
const Bytes kThirdLife = "the third life..";

class RestoreTest : public ::testing::Test {
 protected:
  // A log whose second partition has some records, and a backup of it.
  RestoreTest() {
    EXPECT_TRUE(RocksLog::Create(log_, TestBirth(2)));
    const auto log = *RocksLog::Open(log_);
    Fill(*log, Partition{1}, 20);
    EXPECT_TRUE(log->Backup(backup_));
  }

  static void Fill(RocksLog& log, Partition partition, int records) {
    ChainHead head;
    uint64_t offset = 0;
    const auto all = ReadAll(log, partition, Offset{0});
    for (const StoredEntry& entry : all) Feed(head, entry.bytes, offset++);
    const auto append = [&](const Blob& entry) {
      EXPECT_TRUE(log.Append(partition, {entry}));
      Feed(head, entry, offset++);
    };
    append(EncodeClaim(NextClaim(head)));
    for (int i = 0; i < records; ++i) append(EncodeRecord(NextRecord(head, "payload")));
    AwaitHead(log, partition.value, offset);
  }

  TempFolder folder_;
  const std::string log_ = folder_ / "log";
  const std::string backup_ = folder_ / "backup";
  const std::string restored_ = folder_ / "restored";
};

TEST_F(RestoreTest, ABackupIsNoLog) {
  EXPECT_EQ(RocksLog::Open(backup_).error().reason, "LOG_IS_BACKUP");
  EXPECT_TRUE(RocksLog::OpenReadOnly(backup_));
}

TEST_F(RestoreTest, EveryEntryCountsAsItDidInAnotherLife) {
  const auto restored = RestoreLog(backup_, restored_, {kSecondLife, 0});
  ASSERT_TRUE(restored) << restored.error().message;
  const auto log = RocksLog::Open(restored_);
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ((*log)->birth().log_incarnation, kSecondLife);
  EXPECT_EQ((*log)->birth().cluster_id, TestBirth(2).cluster_id);
  const auto original = RocksLog::OpenReadOnly(backup_);
  const VerifyReport before = *VerifyLog(**original);
  const VerifyReport after = *VerifyLog(**log);
  EXPECT_TRUE(after.Sound()) << after.findings[0].what;
  for (uint32_t p = 0; p < 2; ++p) {
    EXPECT_EQ(after.partitions[p].head, before.partitions[p].head);
    EXPECT_EQ(after.partitions[p].records, p == 0 ? 0u : 20u);
    EXPECT_EQ(ReadGenesis(**log, Partition{p})->log_incarnation(), kSecondLife);
    EXPECT_TRUE(CheckAnchor(**log, Partition{p}, after.partitions[p].head));
    const auto then = ReadAll(**original, Partition{p});
    const auto now = ReadAll(**log, Partition{p});
    ASSERT_EQ(now.size(), then.size());
    for (size_t i = 0; i < now.size(); ++i) EXPECT_EQ(*now[i].bytes, *then[i].bytes);
  }
}

TEST_F(RestoreTest, ItGoesOnAndIsRestoredAgain) {
  ASSERT_TRUE(RestoreLog(backup_, restored_, {kSecondLife, 0}));
  {
    const auto log = *RocksLog::Open(restored_);
    Fill(*log, Partition{1}, 5);
    EXPECT_TRUE(log->Backup(folder_ / "again"));
  }
  ASSERT_TRUE(RestoreLog(folder_ / "again", folder_ / "third", {kThirdLife, 0}));
  const auto log = RocksLog::Open(folder_ / "third");
  ASSERT_TRUE(log) << log.error().message;
  const VerifyReport report = *VerifyLog(**log);
  EXPECT_TRUE(report.Sound()) << report.findings[0].what;
  EXPECT_EQ(report.partitions[1].records, 25u);
  EXPECT_EQ((*log)->birth().log_incarnation, kThirdLife);
}

TEST_F(RestoreTest, AnAnchorAtTheGenesisHolds) {
  ASSERT_TRUE(RestoreLog(backup_, restored_, {kSecondLife, 0}));
  const auto log = RocksLog::Open(restored_);
  ChainHead head;
  Feed(head, ReadAll(**log, Partition{0}, Offset{0})[0].bytes, 0);
  EXPECT_TRUE(CheckAnchor(**log, Partition{0}, head));
}

TEST_F(RestoreTest, AFolderThatIsThereIsLeftAlone) {
  EXPECT_EQ(RestoreLog(backup_, log_, {kSecondLife, 0}).error().reason, "LOG_EXISTS");
  EXPECT_EQ(RestoreLog(folder_ / "nothing", restored_, {kSecondLife, 0}).error().reason,
            "LOG_NOT_BORN");
  EXPECT_FALSE(std::filesystem::exists(restored_));
}

TEST_F(RestoreTest, WhatBelongsBesideComesWithIt) {
  const auto beside = [](const std::string& folder) -> Result<void> {
    std::ofstream(folder + "/beside") << "x";
    return {};
  };
  ASSERT_TRUE(RestoreLog(backup_, restored_, {kSecondLife, 0}, beside));
  EXPECT_TRUE(std::filesystem::exists(restored_ + "/beside"));
  const auto fails = [](const std::string&) -> Result<void> {
    return Fail(Code::kInternal, "INTERNAL", "");
  };
  EXPECT_FALSE(RestoreLog(backup_, folder_ / "other", {kThirdLife, 0}, fails));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "other"));
}

TEST(RestoredGenesis, OnlyTheIncarnationMayDiffer) {
  const Birth first = TestBirth(2);
  const log::v1::Genesis restored = Restored(GenesisOf(first, Partition{0}), {kSecondLife, 0});
  const Birth birth = BirthOf(restored);
  EXPECT_TRUE(IsGenesisOf(restored, birth, Partition{0}));
  EXPECT_FALSE(IsGenesisOf(restored, birth, Partition{1}));
  EXPECT_EQ(ChainAfterGenesis(*EncodeGenesis(restored)),
            ChainAfterGenesis(*EncodeGenesis(GenesisOf(first, Partition{0}))));
  log::v1::Genesis changed = restored;
  changed.set_cluster_id("another cluster.");
  EXPECT_FALSE(IsGenesisOf(changed, BirthOf(changed), Partition{0}));
  log::v1::Genesis same_life = restored;
  same_life.set_log_incarnation(first.log_incarnation);
  EXPECT_FALSE(IsGenesisOf(same_life, BirthOf(same_life), Partition{0}));
  log::v1::Genesis no_origin = restored;
  no_origin.set_origin("no entry");
  EXPECT_FALSE(IsGenesisOf(no_origin, birth, Partition{0}));
}

}  // namespace
}  // namespace jalon::eventstore::testing
