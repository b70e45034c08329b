#include "eventstore/log/rocks/rocks_log.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "eventstore/log/log_contract.h"
#include "eventstore/log/rocks/temp_folder_testing.h"
#include "eventstore/log/verify.h"

namespace jalon::eventstore::testing {
namespace {

class RocksFixture final : public Fixture {
 public:
  RocksFixture(const Birth& birth, const RocksLogOptions& options) : options_(options) {
    EXPECT_TRUE(RocksLog::Create(path_, birth));
    Reopen();
  }
  Log& log() override { return *log_; }
  bool Reopen() override {
    log_.reset();
    auto opened = RocksLog::Open(path_, options_);
    EXPECT_TRUE(opened) << opened.error().message;
    log_ = std::move(*opened);
    return true;
  }

 private:
  TempFolder folder_;
  const std::string path_ = folder_ / "log";
  const RocksLogOptions options_;
  std::unique_ptr<RocksLog> log_;
};

MakeFixture With(const RocksLogOptions& options) {
  return [options](const Birth& birth) { return std::make_unique<RocksFixture>(birth, options); };
}

// Followers always find what they want in the ring; never; and now and then.
INSTANTIATE_TEST_SUITE_P(Ring, LogContract, ::testing::Values(With({})));
INSTANTIATE_TEST_SUITE_P(Disk, LogContract,
                         ::testing::Values(With({.ring_entries_max = 1, .ring_bytes_max = 0})));
INSTANTIATE_TEST_SUITE_P(Both, LogContract,
                         ::testing::Values(With({.ring_entries_max = 50, .ring_bytes_max = 2000})));

class RocksLogTest : public ::testing::Test {
 protected:
  std::unique_ptr<RocksLog> Open(const RocksLogOptions& options = {}) {
    auto opened = RocksLog::Open(path_, options);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }
  std::unique_ptr<RocksLog> Make(const RocksLogOptions& options = {}) {
    EXPECT_TRUE(RocksLog::Create(path_, TestBirth(2)));
    return Open(options);
  }

  TempFolder folder_;
  const std::string path_ = folder_ / "log";
  static constexpr Partition kFirst{0};
};

TEST_F(RocksLogTest, IsCreatedOnceWholeOrNotAtAll) {
  EXPECT_EQ(RocksLog::Open(path_).error().reason, "LOG_NOT_BORN");
  EXPECT_EQ(RocksLog::OpenReadOnly(path_).error().reason, "LOG_NOT_BORN");
  std::filesystem::create_directories(path_ + ".unborn/db/what an attempt left that died");
  ASSERT_TRUE(RocksLog::Create(path_, TestBirth(2)));
  EXPECT_EQ(RocksLog::Create(path_, TestBirth(2)).error().reason, "LOG_EXISTS");
  EXPECT_EQ(Open()->birth().partition_count, 2u);
  EXPECT_FALSE(std::filesystem::exists(path_ + ".unborn"));
}

TEST_F(RocksLogTest, IsOpenOnce) {
  const auto log = Make();
  EXPECT_EQ(RocksLog::Open(path_).error().reason, "LOG_IN_USE");
}

TEST_F(RocksLogTest, OpenedReadOnlyItServesAndTakesNothing) {
  {
    const auto log = Make();
    ASSERT_TRUE(log->Append(kFirst, {MakeBlob("a")}));
  }
  const auto log = RocksLog::OpenReadOnly(path_).value();
  EXPECT_EQ(TextsOf(ReadAll(*log, kFirst), 0), std::vector<std::string>{"a"});
  EXPECT_EQ(log->Append(kFirst, {MakeBlob("b")}).error().reason, "LOG_READ_ONLY");
}

TEST_F(RocksLogTest, UnderTheFloorOnlyReadingGoesOn) {
  std::atomic<uint64_t> free_bytes = 1000;
  RocksLogOptions options;
  options.free_space_floor_bytes = 1000;
  options.testing.free_bytes = [&] { return free_bytes.load(); };
  const auto log = Make(options);
  ASSERT_TRUE(log->Append(kFirst, {MakeBlob("a")}));
  AwaitHead(*log, 0, 2);
  free_bytes = 999;
  std::this_thread::sleep_for(2 * limits::kFreeSpaceInterval);
  EXPECT_EQ(log->Append(kFirst, {MakeBlob("b")}).error().reason, "DISK_FULL");
  EXPECT_EQ(log->Append(kFirst, {MakeBlob("c")}).error().code, Code::kResourceExhausted);
  EXPECT_EQ(log->TakesEntries().error().reason, "DISK_FULL");
  EXPECT_EQ(log->Stats().disk_full_refusals, 3u);
  EXPECT_EQ(TextsOf(ReadAll(*log, kFirst), 0), std::vector<std::string>{"a"});
  free_bytes = 1000;
  std::this_thread::sleep_for(2 * limits::kFreeSpaceInterval);
  EXPECT_TRUE(log->TakesEntries());
  ASSERT_TRUE(log->Append(kFirst, {MakeBlob("d")}));
  AwaitHead(*log, 0, 3);
}

// Through many table files, which compaction only moves.
TEST_F(RocksLogTest, RewritesNothing) {
  RocksLogOptions options;
  options.memtable_bytes = 64 * 1024;
  options.ring_entries_max = 1;
  std::map<uint32_t, std::vector<StoredEntry>> followed;
  constexpr uint64_t kCalls = 320, kPerCall = 20;
  {
    const auto log = Make(options);
    for (uint64_t i = 1; i <= kCalls; ++i) {
      std::vector<Blob> entries;
      for (uint64_t j = 0; j < kPerCall; ++j) {
        entries.push_back(MakeBlob(std::to_string(i * j) + std::string(1000, 'x')));
      }
      ASSERT_TRUE(log->Append(Partition{static_cast<uint32_t>(i % 2)}, entries));
      if (i % 8 == 0) AwaitHead(*log, 0, 1 + i / 2 * kPerCall);
    }
    AwaitHead(*log, 1, 1 + kCalls / 2 * kPerCall);
    const auto follower =
        log->Follow({{Partition{0}, Offset{1}}, {Partition{1}, Offset{1}}}, [] {});
    Drain(**follower, {}, kCalls * kPerCall, &followed);
    EXPECT_EQ(log->Stats().entries, kCalls * kPerCall);
    EXPECT_EQ(log->Stats().rewritten_bytes, 0u);
  }
  size_t tables = 0;
  for (const auto& file : std::filesystem::directory_iterator(path_ + "/db")) {
    tables += file.path().extension() == ".sst";
  }
  EXPECT_GT(tables, 10u);  // there was something to rewrite
  const auto log = Open(options);
  for (uint32_t p = 0; p < 2; ++p) {
    const auto read = ReadAll(*log, Partition{p});
    EXPECT_EQ(TextsOf(read, p), TextsOf(followed[p], p));
    EXPECT_EQ(read.size(), kCalls / 2 * kPerCall);
  }
}

TEST_F(RocksLogTest, CountsWhatItDoes) {
  const auto log = Make();
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(log->Append(kFirst, {MakeBlob("ten bytes!"), MakeBlob("")}));
    AwaitHead(*log, 0, 1 + 2 * (i + 1));
  }
  const RocksLogStats stats = log->Stats();
  EXPECT_EQ(stats.syncs, 10u);
  EXPECT_EQ(stats.entries, 20u);
  EXPECT_EQ(stats.bytes, 100u);
  uint64_t timed = 0;
  for (const uint64_t count : stats.sync_micros) timed += count;
  EXPECT_EQ(timed, 10u);
}

// Backups taken while others write: each opens, is sound, and is a prefix.
TEST_F(RocksLogTest, BackupsAreWholeAndSound) {
  RocksLogOptions options;
  options.memtable_bytes = 64 * 1024;
  const auto log = Make(options);
  std::atomic<bool> enough = false;
  std::jthread writer([&] {
    ChainHead head;
    Feed(head, EncodeGenesis(GenesisOf(TestBirth(2), kFirst)), 0);
    Blob next = EncodeClaim(NextClaim(head));
    for (uint64_t offset = 1; !enough || offset < 500; ++offset) {
      Feed(head, next, offset);
      ASSERT_TRUE(log->Append(kFirst, {next}));
      next = EncodeRecord(NextRecord(head, std::string(500, 'p')));
      if (offset % 16 == 0) AwaitHead(*log, 0, offset + 1);
    }
  });
  for (int i = 0; i < 5; ++i) {
    const std::string backup = folder_ / ("backup" + std::to_string(i));
    const uint64_t head = log->Head(kFirst)->value;
    const auto taken = log->Backup(backup);
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_EQ(log->Backup(backup).error().reason, "LOG_EXISTS");
    const auto copy = RocksLog::OpenReadOnly(backup);
    ASSERT_TRUE(copy) << copy.error().message;
    EXPECT_GE((*copy)->Head(kFirst)->value, head);
    EXPECT_TRUE(VerifyLog(**copy)->Sound());
  }
  enough = true;
  writer.join();
  const auto copy = RocksLog::OpenReadOnly(folder_ / "backup4");
  ASSERT_TRUE(copy);
  const auto entries = ReadAll(**copy, kFirst);
  const auto original = ReadAll(*log, kFirst);
  ASSERT_LE(entries.size(), original.size());
  for (size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(*entries[i].bytes, *original[i].bytes);
}

}  // namespace
}  // namespace jalon::eventstore::testing
