// After any flipped bit in any file of the log, either every acknowledged entry is served or the
// process refuses (commit-protocol §5): a sample of bits in every kind of file.
// every_flip_test.cc takes them all.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "eventstore/log/rocks/child_testing.h"
#include "eventstore/log/rocks/flip_testing.h"
#include "eventstore/log/rocks/repair.h"
#include "eventstore/log/rocks/temp_folder_testing.h"

namespace jalon::eventstore::testing {
namespace {

class FlipTest : public ::testing::Test {
 protected:
  static const SmallLog& Small() {
    static const SmallLog kLog = MakeSmallLog();
    return kLog;
  }
  // One bit in each `step`-th of these bytes of the WAL.
  static Verdicts FlipWal(const SmallLog& log, const std::vector<uint64_t>& bytes, size_t step,
                          const RocksLogOptions& options) {
    Verdicts verdicts;
    for (size_t i = 0; i < bytes.size(); i += step) {
      Flip(log, WalOf(log), bytes[i] * 8 + i % 8, options, &verdicts);
    }
    return verdicts;
  }
  static SmallLog WithOldWitness(SmallLog log) {
    log.files.at("witness") = log.old_witness;
    return log;
  }
  // Its last start flushed what the WAL held, and wrote nothing.
  static SmallLog StartedAgain() {
    const TempFolder temp(TempFolder::kInMemory);
    const std::string folder = temp / "log";
    SmallLog log = Small();
    WriteFiles(log.files, folder);
    EXPECT_EQ(RunInChild([&]() -> std::string {
                const auto opened = RocksLog::Open(folder);
                return opened ? "" : opened.error().message;
              }).words,
              "");
    log.files = ReadFiles(folder);
    return log;
  }
  static void Print(const Verdicts& verdicts) {
    std::printf("%lu flips: %lu served, %lu refused, %lu aborted, %zu lost\n", verdicts.Flips(),
                verdicts.served, verdicts.refused, verdicts.aborted, verdicts.lost.size());
  }
};

// Every kind of file that a log is made of, and how many bits of each file are flipped.
struct FileKind {
  const char* name;
  bool (*is)(const std::string& file);
  uint64_t flips;
  bool guards;  // acknowledged entries depend on it: some flip must be noticed
};
const FileKind kKinds[] = {
    {"WAL", [](const std::string& file) { return file.ends_with(".log"); }, 200, true},
    {"MANIFEST", [](const std::string& file) { return file.starts_with("db/MANIFEST-"); }, 160,
     true},
    {"CURRENT", [](const std::string& file) { return file == "db/CURRENT"; }, 128, true},
    {"table", [](const std::string& file) { return file.ends_with(".sst"); }, 40, true},
    {"witness", [](const std::string& file) { return file == "witness"; }, 100, false},
    {"IDENTITY", [](const std::string& file) { return file == "db/IDENTITY"; }, 24, false},
    {"OPTIONS", [](const std::string& file) { return file.starts_with("db/OPTIONS-"); }, 16, false},
    // What only people read.
    {"LOG", [](const std::string& file) { return file.starts_with("db/LOG"); }, 4, false},
};

TEST_F(FlipTest, NoFlipLosesAnAcknowledgedEntry) {
  std::map<std::string, Verdicts> by_kind;
  for (const auto& [file, bytes] : Small().files) {
    if (bytes.empty()) continue;  // LOCK, and a WAL that was not written to
    const auto kind = std::ranges::find_if(kKinds, [&](const auto& each) { return each.is(file); });
    ASSERT_NE(kind, std::end(kKinds)) << file << " is of no kind that is flipped: give it a row";
    by_kind[kind->name].Add(FlipSome(Small(), file, kind->flips));
  }
  for (const FileKind& kind : kKinds) {
    const Verdicts& verdicts = by_kind[kind.name];
    std::printf("%s: ", kind.name);
    Print(verdicts);
    EXPECT_EQ(verdicts.lost, std::vector<std::string>()) << kind.name;
    EXPECT_GT(verdicts.Flips(), kind.flips / 2) << kind.name;
    EXPECT_TRUE(!kind.guards || verdicts.refused + verdicts.aborted > 0) << kind.name;
  }
}

// After a power cut the witness may be old. The way the WAL is recovered then stands alone, and
// refuses what its checksums cover.
TEST_F(FlipTest, RecoveryRefusesDamageWithoutTheWitness) {
  const Verdicts verdicts = FlipWal(WithOldWitness(Small()), WalBytes(Small()).payload, 31, {});
  Print(verdicts);
  EXPECT_EQ(verdicts.lost, std::vector<std::string>());
  EXPECT_EQ(verdicts.served, 0u);
  EXPECT_GT(verdicts.refused, 30u);
}

TEST_F(FlipTest, MutantDefaultWalRecoveryIsCaught) {
  RocksLogOptions mutant;
  mutant.wal_recovery = WalRecovery::kUpToDamage;
  const Verdicts verdicts = FlipWal(WithOldWitness(Small()), WalBytes(Small()).payload, 97, mutant);
  Print(verdicts);
  EXPECT_GT(verdicts.lost.size(), 10u);
}

// A repair may cut the end of the MANIFEST, also where it was no torn tail: what the last records
// said was synced, files went since, and the witness may be old. It cuts what is torn, and refuses
// whatever entries hang on.
TEST_F(FlipTest, NoRepairOfTheManifestLosesAnAcknowledgedEntry) {
  constexpr size_t kTail = 400, kStep = 23;
  const TempFolder temp(TempFolder::kInMemory);
  const std::string folder = temp / "log";
  const auto repair = [&](const Files& files, const Heads& heads) {
    WriteFiles(files, folder);
    return RunInChild([&] {
             const auto cut = RepairCutTail(folder, {}, SystemClock());
             return cut ? "repaired" + OpenAndCheck(folder, heads) : cut.error().reason;
           })
        .words;
  };
  uint64_t repaired = 0, refused = 0;
  for (const SmallLog& log : {Small(), WithOldWitness(Small()), WithOldWitness(StartedAgain())}) {
    const std::string manifest = std::ranges::find_if(log.files, [](const auto& file) {
                                   return file.first.starts_with("db/MANIFEST-");
                                 })->first;
    Files torn = log.files;
    torn.at(manifest) += std::string("\x01\x02\x03\x04\x32\x00\x01", 7) + std::string(50, '\0');
    EXPECT_EQ(repair(torn, log.heads), "repaired");
    for (size_t from_end = 1; from_end <= kTail; from_end += kStep) {
      for (const size_t bytes : {size_t{1}, from_end}) {  // one, or all from there on
        Files files = log.files;
        std::string& all = files.at(manifest);
        ASSERT_GT(all.size(), kTail);
        for (size_t i = all.size() - from_end; i < all.size() - from_end + bytes; ++i) {
          all[i] = static_cast<char>(all[i] ^ 4);
        }
        const std::string found = repair(files, log.heads);
        EXPECT_TRUE(found == "repaired" || found == "LOG_CORRUPT" || found == "LOG_BEHIND_WITNESS")
            << found << ", " << bytes << " bytes, " << from_end << " from the end";
        ++(found == "repaired" ? repaired : refused);
      }
    }
  }
  std::printf("%lu repaired, %lu refused\n", repaired, refused);
  EXPECT_GT(refused, 20u);
}

TEST_F(FlipTest, MutantWithoutWitnessIsCaught) {
  RocksLogOptions mutant;
  mutant.testing.ignore_witness = true;
  const Verdicts verdicts = FlipWal(Small(), WalBytes(Small()).headers, 1, mutant);
  Print(verdicts);
  EXPECT_GT(verdicts.lost.size(), 0u);
}

}  // namespace
}  // namespace jalon::eventstore::testing
