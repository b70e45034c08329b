// Exports that were made to hide something, to blame somebody else, or to never end.
#include <gtest/gtest.h>

#include <ctime>

#include "eventstore/trail/note.h"
#include "eventstore/trail/verify/verify_testing.h"

namespace jalon::trail {
namespace {

constexpr uint64_t kSize = 700;

class HostileTest : public testing::Test {
 protected:
  void TamperCheckpoint(const std::function<void(Note&)>& change) {
    Tamper(folder_ / "checkpoint", [&](std::string& bytes) {
      Note note = ParseNote(bytes).value();
      change(note);
      bytes = FormatNote(note);
    });
  }
  static double CpuSecondsOf(const std::function<void()>& work) {
    const std::clock_t began = std::clock();
    work();
    return static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  }

  TempFolder temp_;
  const std::vector<std::string> entries_ = TrailEvents(kSize);
  std::filesystem::path folder_ = Export(temp_, entries_);
};

// Looking for the one bit that was turned takes a tenth of a second, whatever a stranger wrote
// under the key's name.
TEST_F(HostileTest, SignaturesOfAnyLengthAndNumberCostLittle) {
  constexpr double kSecondsMax = 1;
  TamperCheckpoint([](Note& note) {
    const SignatureLine signed_by = note.lines[0];
    note.lines.clear();
    for (const size_t bytes : {6000, 65, 63}) {
      note.lines.push_back(signed_by);
      note.lines.back().signature = std::string(bytes, 'x');
    }
  });
  Report report;
  EXPECT_LT(CpuSecondsOf([&] { report = Verified(folder_); }), kSecondsMax);
  EXPECT_EQ(report.verdict, Verdict::kUnsigned) << Describe(report);

  TamperCheckpoint([](Note& note) {
    const SignatureLine signed_by = note.lines[0];
    note.lines.clear();
    for (size_t i = 0; i < kSignaturesMax; ++i) {
      note.lines.push_back(signed_by);
      note.lines.back().signature = std::string(64, static_cast<char>('a' + i));
    }
  });
  EXPECT_LT(CpuSecondsOf([&] { report = Verified(folder_); }), kSecondsMax);
  EXPECT_EQ(report.verdict, Verdict::kUnsigned) << Describe(report);
}

// A log that changes its key signs under both for a while.
TEST_F(HostileTest, ATurnedBitIsFoundWhicheverOfTheLogsKeysSigned) {
  const VerifierKey before = SignerKey(std::string(kOrigin), KeyType::kLog, SeedFrom(9)).verifier();
  TamperCheckpoint([](Note& note) { note.lines[0].signature[20] ^= 0x04; });
  for (const auto& keys :
       {std::vector{LogKey().verifier(), before}, std::vector{before, LogKey().verifier()}}) {
    const Report report = Verified({.folder = folder_, .keys = keys});
    EXPECT_EQ(report.verdict, Verdict::kAltered) << Describe(report);
    EXPECT_EQ(FirstFlaw(report), Flaw::kCheckpointChanged) << Describe(report);
  }
}

}  // namespace
}  // namespace jalon::trail
