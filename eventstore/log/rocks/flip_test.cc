// After any flipped bit in any file of the log, either every acknowledged entry is served or the
// process refuses (commit-protocol §5): a sample of bits, some tens to hundreds in each
// kind of file.
#include <gtest/gtest.h>

#include <algorithm>

#include "eventstore/log/rocks/flip_testing.h"

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
  static void Print(const Verdicts& verdicts) {
    std::printf("%lu flips: %lu served, %lu refused, %lu aborted, %zu lost\n", verdicts.Flips(),
                verdicts.served, verdicts.refused, verdicts.aborted, verdicts.lost.size());
  }
};

TEST_F(FlipTest, NoFlipLosesAnAcknowledgedEntry) {
  const auto flips_of = [](const std::string& file) -> uint64_t {
    if (file.ends_with(".log")) return 160;
    if (file.starts_with("db/MANIFEST")) return 100;
    if (file.ends_with(".sst")) return 20;
    if (file == "witness") return 40;
    return 6;  // what only people read, or what RocksDB does not
  };
  Verdicts all;
  for (const auto& [file, bytes] : Small().files) all.Add(FlipSome(Small(), file, flips_of(file)));
  Print(all);
  EXPECT_EQ(all.lost, std::vector<std::string>());
  EXPECT_GT(all.served, 50u);
  EXPECT_GT(all.refused + all.aborted, 200u);
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

TEST_F(FlipTest, MutantWithoutWitnessIsCaught) {
  RocksLogOptions mutant;
  mutant.testing.ignore_witness = true;
  const Verdicts verdicts = FlipWal(Small(), WalBytes(Small()).headers, 1, mutant);
  Print(verdicts);
  EXPECT_GT(verdicts.lost.size(), 0u);
}

}  // namespace
}  // namespace jalon::eventstore::testing
