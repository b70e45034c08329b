#include "eventstore/log/rocks/repair.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "eventstore/log/log_testing.h"
#include "eventstore/log/rocks/child_testing.h"
#include "eventstore/log/rocks/extent.h"
#include "eventstore/log/rocks/folder.h"
#include "eventstore/log/rocks/numbered_testing.h"
#include "eventstore/log/rocks/temp_folder_testing.h"

namespace jalon::eventstore::testing {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kAcknowledged = 1 + 20;  // entries per partition
constexpr int kGroups = 3 * 20;

class RepairTest : public ::testing::Test {
 protected:
  // A log whose last group was synced but never witnessed, so that nobody was told of it.
  RepairTest() {
    RocksLogOptions options;
    options.testing.at = [groups = 0](CommitPoint point) mutable {
      if (point == CommitPoint::kSynced && ++groups == kGroups + 1) ::raise(SIGKILL);
    };
    const Ending ending = RunInChild([&]() -> std::string {
      if (!RocksLog::Create(folder_, NumberedBirth())) return "cannot create";
      const auto log = RocksLog::Open(folder_, options).value();
      AppendNumbered(*log, 20, true);
      AppendNumbered(*log, 5, false);
      return "it was to be killed";
    });
    EXPECT_EQ(ending.signal, SIGKILL) << ending.words;
    for (const auto& file : fs::directory_iterator(rocks::DatabasePath(folder_))) {
      if (file.path().extension() == ".log" && file.file_size() > 0) wal_ = file.path().string();
    }
  }
  // Damages the byte so far from the WAL's end.
  void DamageWal(uint64_t from_end) {
    std::fstream file(wal_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(-static_cast<std::streamoff>(from_end), std::ios::end);
    const int byte = file.peek();
    file.put(static_cast<char>(byte ^ 4));
  }
  std::string Manifest() const {
    for (const auto& file : fs::directory_iterator(rocks::DatabasePath(folder_))) {
      if (file.path().filename().string().starts_with("MANIFEST-")) return file.path().string();
    }
    return "";
  }
  static std::set<std::string> Tables(const std::string& folder) {
    std::set<std::string> names;
    for (const auto& file : fs::directory_iterator(folder)) {
      if (file.path().extension() == ".sst") names.insert(file.path().filename().string());
    }
    return names;
  }
  // A record of the MANIFEST of which the power cut left the sector with its head only.
  void TearManifest() {
    std::ofstream file(Manifest(), std::ios::binary | std::ios::app);
    const std::string head("\x01\x02\x03\x04\x64\x00\x01", 7);  // 100 bytes, whole
    file << head << "some of it" << std::string(90, '\0');
  }
  std::string Open() {
    Heads heads;
    heads.fill(kAcknowledged);
    return RunInChild([&] { return OpenAndCheck(folder_, heads); }).words;
  }
  // The reason of an error, or how many entries were kept.
  std::string Repair(const std::vector<NamedWitness>& witnesses = {}) {
    return RunInChild([&] {
             const auto report = RepairCutTail(folder_, witnesses, clock_);
             return report ? std::to_string(report->tail.entries_kept) : report.error().reason;
           })
        .words;
  }
  // Somebody who counted partition 0 up to there: only its anchor is looked at.
  static NamedWitness CountedUpTo(uint64_t offset) {
    NamedWitness witness{"state of partition 0", Partition{0}, {}};
    witness.head.offset = Offset{offset};
    witness.head.hash = ChainAfterRecord(NumberedText(0, offset));
    return witness;
  }

  const TempFolder temp_;
  const std::string folder_ = temp_ / "log";
  const ManualClock clock_{Micros{1'234}};
  std::string wal_;
};

TEST_F(RepairTest, CutsATornTailAndNothingElse) {
  DamageWal(10);
  ASSERT_EQ(Open(), "refused: LOG_CORRUPT");
  EXPECT_EQ(Repair({CountedUpTo(kAcknowledged - 1)}), std::to_string(3 * kAcknowledged));
  EXPECT_EQ(Open(), "");
  std::ifstream history(folder_ + "/cuts/history");
  const std::string line((std::istreambuf_iterator<char>(history)), {});
  EXPECT_TRUE(line.starts_with("1234\tkept 63 entries\t")) << line;
  const std::string kept = folder_ + "/cuts/1234/" + fs::path(wal_).filename().string();
  EXPECT_TRUE(fs::exists(kept));
}

// RocksDB itself recovers from no such thing.
TEST_F(RepairTest, CutsATornRecordOfTheManifest) {
  const std::string manifest = Manifest();
  const uint64_t sound = fs::file_size(manifest);
  const auto tables = Tables(rocks::DatabasePath(folder_));
  ASSERT_FALSE(tables.empty());
  TearManifest();
  ASSERT_EQ(Open(), "refused: LOG_CORRUPT");
  const std::string told =
      RunInChild([&] {
        const auto tail = FindTornTail(folder_, {CountedUpTo(3)});
        return tail ? fmt::format("{} bytes", tail->bytes_cut) : tail.error().message;
      }).words;
  EXPECT_EQ(told, "107 bytes");
  EXPECT_EQ(fs::file_size(manifest), sound + 107);
  EXPECT_GE(std::stoul(Repair({CountedUpTo(kAcknowledged - 1)})), 3 * kAcknowledged);
  EXPECT_EQ(Open(), "");
  EXPECT_EQ(fs::file_size(folder_ + "/cuts/1234/" + fs::path(manifest).filename().string()),
            sound + 107);
  EXPECT_EQ(Tables(folder_ + "/cuts/1234"), tables);  // some may go that it named
}

TEST_F(RepairTest, CutsBothTailsAtOnce) {
  TearManifest();
  DamageWal(10);
  EXPECT_EQ(Repair(), std::to_string(3 * kAcknowledged));
  EXPECT_EQ(Open(), "");
}

// Not the last record: it was synced, and files may have gone since.
TEST_F(RepairTest, RefusesDamageWithinTheManifest) {
  std::fstream(Manifest(), std::ios::in | std::ios::out | std::ios::binary).seekp(20).put('?');
  EXPECT_EQ(Open(), "refused: LOG_CORRUPT");
  EXPECT_EQ(Repair(), "LOG_CORRUPT");
  EXPECT_FALSE(fs::exists(folder_ + "/cuts"));
}

// A cut that nobody can look up later is none.
TEST_F(RepairTest, CutsNothingThatItCannotRecord) {
  fs::create_directories(folder_ + "/cuts/history");
  DamageWal(10);
  EXPECT_EQ(Repair(), "LOG_UNREADABLE");
  EXPECT_EQ(Open(), "refused: LOG_CORRUPT");
  fs::remove_all(folder_ + "/cuts");  // whose time the next repair would have
  EXPECT_EQ(Repair(), std::to_string(3 * kAcknowledged));
}

TEST_F(RepairTest, SaysWhatItWouldCutAndChangesNothing) {
  const uint64_t whole = fs::file_size(wal_);
  DamageWal(10);
  const std::string found =
      RunInChild([&] {
        const auto tail = FindTornTail(folder_, {CountedUpTo(3)});
        if (!tail) return tail.error().reason;
        EXPECT_GT(tail->bytes_cut, 0U);
        EXPECT_LT(tail->bytes_cut, whole);
        return fmt::format("{} kept, {} witnessed", tail->entries_kept, tail->entries_witnessed);
      }).words;
  EXPECT_EQ(found, fmt::format("{0} kept, {0} witnessed", 3 * kAcknowledged));
  EXPECT_EQ(Open(), "refused: LOG_CORRUPT");
  EXPECT_FALSE(fs::exists(folder_ + "/cuts"));
}

TEST_F(RepairTest, RefusesIfAWitnessLiesBehindTheDamage) {
  DamageWal(10);
  EXPECT_EQ(Repair({CountedUpTo(3), CountedUpTo(kAcknowledged + 2)}), "LOG_BEHIND_WITNESS");
  EXPECT_EQ(Open(), "refused: LOG_CORRUPT");
  EXPECT_FALSE(fs::exists(folder_ + "/cuts"));
}

TEST_F(RepairTest, RefusesIfTheLogsOwnWitnessLiesBehindTheDamage) {
  DamageWal(fs::file_size(wal_) / 2);
  EXPECT_EQ(Repair(), "LOG_BEHIND_WITNESS");
}

// The log's own witness is of before: a power cut lost it. Whole groups behind the damage still
// show that this is no torn tail.
TEST_F(RepairTest, RefusesIfWholeGroupsLieBehindTheDamage) {
  const auto testimony = rocks::Witness::Read(rocks::WitnessPath(folder_)).value();
  ASSERT_GT(testimony.commit, 40u);
  ASSERT_EQ(RunInChild([&]() -> std::string {
              const auto database = rocks::Database::Open(rocks::DatabasePath(folder_),
                                                          rocks::Database::Mode::kReadOnly, {})
                                        .value();
              const auto old =
                  rocks::Testify(*database, {.birth = {}, .next_commit = 3, .heads = {}});
              const auto made = rocks::Witness::Create(rocks::WitnessPath(folder_), *old);
              return made ? "" : made.error().message;
            }).words,
            "");
  DamageWal(fs::file_size(wal_) / 2);
  EXPECT_EQ(Repair(), "LOG_CORRUPT");
}

TEST_F(RepairTest, LeavesASoundLogAlone) {
  EXPECT_EQ(Repair(), "LOG_SOUND");
  EXPECT_EQ(Open(), "");
}

}  // namespace
}  // namespace jalon::eventstore::testing
