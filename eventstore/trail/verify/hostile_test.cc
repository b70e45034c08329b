// Exports that were made to hide something, to blame somebody else, or to never end.
#include <gtest/gtest.h>

#include <ctime>

#include "eventstore/trail/note.h"
#include "eventstore/trail/origin.h"
#include "eventstore/trail/tile.h"
#include "eventstore/trail/verify/verify_testing.h"

namespace jalon::trail {
namespace {

constexpr uint64_t kSize = 700;
const std::string kDeployment(16, '\xd3');
const std::string kSchool(16, 's');  // that of TrailEvent

class HostileTest : public testing::Test {
 protected:
  void TamperCheckpoint(const std::function<void(Note&)>& change) {
    Tamper(folder_ / "checkpoint", [&](std::string& bytes) {
      Note note = ParseNote(bytes).value();
      change(note);
      bytes = FormatNote(note);
    });
  }
  // Signs another checkpoint of the export, with its key.
  void SignAgain(const Checkpoint& checkpoint) {
    const std::string text = FormatCheckpoint(checkpoint);
    WriteAll(folder_ / "checkpoint",
             FormatNote({.text = text, .lines = {SignText(text, LogKey())}}));
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

// The log signed one company's entries under another one's name.
TEST_F(HostileTest, EntriesOfAnotherTrailThanTheOriginNamesAreOfTheWrongOrigin) {
  const auto verified = [&](const std::string& origin) {
    const SignerKey key = LogKey(origin);
    return Verified({.folder = Export(temp_, entries_, key), .keys = {key.verifier()}});
  };
  const Report right = verified(TrailOrigin(kDeployment, kSchool, "garage00"));
  EXPECT_EQ(right.verdict, Verdict::kValid) << Describe(right);
  for (const std::string& other : {TrailOrigin(kDeployment, kSchool, "bakery00"),
                                   TrailOrigin(kDeployment, std::string(16, 't'), "garage00")}) {
    const Report report = verified(other);
    EXPECT_EQ(report.verdict, Verdict::kWrongOrigin) << Describe(report);
    ASSERT_EQ(report.findings_total, 1u) << Describe(report);
    EXPECT_EQ(report.findings[0].flaw, Flaw::kOriginOfOtherEntries);
    EXPECT_EQ(report.findings[0].file, "checkpoint");
  }
}

// Four billion bundles that are not there.
TEST_F(HostileTest, ASignedSizeBeyondAllBoundsEnds) {
  for (const uint64_t size : {uint64_t{1} << 40, uint64_t{INT64_MAX}}) {
    SignAgain({.origin = std::string(kOrigin), .size = size, .root = Hash{1}});
    for (const unsigned threads : {1, 3}) {
      Question question{.folder = folder_, .threads = threads};
      uint64_t told = 0;
      question.progress = [&](uint64_t, uint64_t) { return ++told < 10'000; };
      question.keys = {LogKey().verifier()};
      const auto report = VerifyExport(question);
      ASSERT_TRUE(report) << report.error().message;
      EXPECT_EQ(report->verdict, Verdict::kAltered) << Describe(*report);
      EXPECT_FALSE(report->read_all);
      EXPECT_EQ(report->findings.size(), Report::kFindingsMax);
      EXPECT_LT(report->entries, uint64_t{1} << 20);
    }
  }
}

TEST_F(HostileTest, EveryChangedEntryIsCounted) {
  auto changed = entries_;
  for (uint64_t i = 260; i < 300; ++i) changed[i] = TrailEvent(i, 90);
  const auto rewritten = Export(temp_, changed);
  std::filesystem::copy_file(rewritten / BundlePath(1, 256), folder_ / BundlePath(1, 256),
                             std::filesystem::copy_options::overwrite_existing);
  Report report = Verified(folder_);
  EXPECT_EQ(report.verdict, Verdict::kAltered);
  EXPECT_EQ(report.findings_total, 40u) << Describe(report);
  EXPECT_EQ(report.findings.size(), 40u);
  EXPECT_EQ(report.findings.back().entry, 299u);
  EXPECT_TRUE(report.read_all);

  for (uint64_t i = 0; i < 200; ++i) changed[i] = TrailEvent(i, 91);
  std::filesystem::copy_file(Export(temp_, changed) / BundlePath(0, 256),
                             folder_ / BundlePath(0, 256),
                             std::filesystem::copy_options::overwrite_existing);
  report = Verified(folder_);
  EXPECT_EQ(report.findings_total, 240u) << Describe(report);
  EXPECT_EQ(report.findings.size(), Report::kFindingsMax);
}

TEST_F(HostileTest, EveryHashOfATileThatWasChangedAndEveryMisplacedEntryIsCounted) {
  Tamper(folder_ / TilePath({0, 1, 256}), [](std::string& bytes) {
    for (size_t i = 10; i < 150; ++i) bytes[i * 32] ^= 1;
  });
  Report report = Verified(folder_);
  EXPECT_EQ(FirstFlaw(report), Flaw::kTileChanged);
  EXPECT_EQ(report.findings_total, 140u) << Describe(report);

  auto moved = entries_;
  for (uint64_t i = 10; i < 150; ++i) moved[i] = TrailEvent(i + 1, 40);
  report = Verified(Export(temp_, moved));
  EXPECT_EQ(FirstFlaw(report), Flaw::kEntryIndex);
  EXPECT_EQ(report.findings_total, 140u) << Describe(report);
}

// An entry and its tile were changed, differently: which entries cannot be told, and it is said
// once.
TEST_F(HostileTest, ABundleWhoseTileWasChangedTooIsNamedOnce) {
  auto changed = entries_;
  for (uint64_t i = 260; i < 300; ++i) changed[i] = TrailEvent(i, 90);
  std::filesystem::copy_file(Export(temp_, changed) / BundlePath(1, 256),
                             folder_ / BundlePath(1, 256),
                             std::filesystem::copy_options::overwrite_existing);
  Tamper(folder_ / TilePath({0, 1, 256}), [](std::string& bytes) { bytes[32 * 200] ^= 1; });
  const Report report = Verified(folder_);
  EXPECT_EQ(report.verdict, Verdict::kAltered);
  ASSERT_EQ(report.findings_total, 1u) << Describe(report);
  EXPECT_EQ(report.findings[0].flaw, Flaw::kEntryOrTileChanged);
  EXPECT_EQ(report.findings[0].entry, 256u);
  EXPECT_EQ(report.findings[0].last, 511u);
}

// Without a bundle and its tile nothing is known of the tiles above.
TEST_F(HostileTest, AGoodTileAboveWhatIsMissingIsNotBlamed) {
  std::filesystem::remove(folder_ / BundlePath(1, 256));
  std::filesystem::remove(folder_ / TilePath({0, 1, 256}));
  const Report report = Verified(folder_);
  EXPECT_EQ(report.verdict, Verdict::kAltered);
  EXPECT_EQ(report.findings_total, 2u) << Describe(report);
  for (const Finding& finding : report.findings) {
    EXPECT_EQ(finding.flaw, Flaw::kFileMissing);
    EXPECT_NE(finding.file, TilePath({1, 0, 2}));
  }
}

// A tile that claims a leaf which no bundle can hold, to have an altered export called malformed.
TEST_F(HostileTest, AForgedTileDoesNotMakeAnEntryTooLong) {
  std::string bundle = ReadAll(folder_ / BundlePath(0, 256));
  const std::string forged = bundle.substr(2, entries_[0].size()) + std::string(65'536, 'z');
  bundle.replace(2, entries_[0].size(), forged);
  WriteAll(folder_ / BundlePath(0, 256), bundle);
  Tamper(folder_ / TilePath({0, 0, 256}),
         [&](std::string& bytes) { bytes.replace(0, sizeof(Hash), View(LeafHash(forged))); });
  const Report report = Verified(folder_);
  EXPECT_EQ(report.verdict, Verdict::kAltered) << Describe(report);
  EXPECT_EQ(FirstFlaw(report), Flaw::kEntryOrTileChanged) << Describe(report);
}

}  // namespace
}  // namespace jalon::trail
