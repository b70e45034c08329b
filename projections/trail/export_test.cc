#include "projections/trail/export.h"

#include <gtest/gtest.h>

#include "eventstore/base/archive.h"
#include "eventstore/log/log_testing.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/note.h"
#include "eventstore/trail/verify/verify_testing.h"
#include "projections/trail/trail_tree.h"
#include "projections/trail/trails_testing.h"
#include "projections/views/trails.h"

namespace jalon::projections {
namespace {

using testing::FoldedTrails;
using testing::kGarage;
using testing::kSchoolA;
using testing::TrailHistory;
using trail::Flaw;
using trail::Verdict;

struct Wanted : TrailExport {
  std::filesystem::path folder;
};

class ExportTest : public ::testing::Test {
 protected:
  // `size` entries of the garage, among those of others, in records of one to four.
  void Grow(uint64_t size) {
    std::mt19937_64 random(size);
    while (history_.Entries(kGarage).size() < size) history_.AppendRandom(random, 1);
    folded_.Fold();
  }
  // The trail at a size, with the test's key.
  Wanted At(uint64_t size) {
    const TrailRows rows = folded_.Rows();
    const auto root = TrailTree(rows, kGarage).RootAt(size);
    EXPECT_TRUE(root);
    const std::string text = trail::FormatCheckpoint(
        {.origin = std::string(trail::kOrigin), .size = size, .root = root.value_or(Hash{})});
    return {{.partition = Partition{0},
             .company_id = CompanyId::Of(kGarage),
             .size = size,
             .root = root.value_or(Hash{}),
             .checkpoint = trail::FormatNote(
                 {.text = text, .lines = {trail::SignText(text, trail::LogKey())}})},
            under_.path() / ("export" + std::to_string(exports_++))};
  }
  Result<void> Export(const Wanted& what) { return Export(what, history_.log()); }
  Result<void> Export(const Wanted& what, eventstore::Log& log) {
    JALON_ASSIGN_OR_RETURN(trail::ExportFolder files, trail::ExportFolder::Create(what.folder));
    return ExportTrail(
        what,
        [&]() -> Result<TrailRows> {
          ++pages_;
          return folded_.Rows();
        },
        log, files);
  }

  trail::TempFolder under_;
  TrailHistory history_;
  FoldedTrails folded_{history_};
  int exports_ = 0;
  int pages_ = 0;
};

TEST_F(ExportTest, IsValidAndHoldsTheStoredBytes) {
  for (const uint64_t size :
       {uint64_t{0}, uint64_t{1}, uint64_t{255}, uint64_t{256}, uint64_t{257}, uint64_t{2'500}}) {
    SCOPED_TRACE(size);
    Grow(size);
    const Wanted what = At(size);
    const auto exported = Export(what);
    ASSERT_TRUE(exported) << exported.error().message;
    const trail::Report report = trail::Verified(what.folder);
    EXPECT_EQ(report.verdict, Verdict::kValid) << trail::Describe(report);
    EXPECT_EQ(report.entries, size);
    if (size == 0) continue;
    EXPECT_EQ(report.tenant, kSchoolA);
    EXPECT_EQ(report.trail, kGarage);
    const std::string& first = history_.Entries(kGarage)[0];
    const std::string bundle = trail::ReadAll(
        what.folder / trail::BundlePath(0, std::min<uint64_t>(size, trail::kTileWidth)));
    EXPECT_EQ(bundle.substr(2, first.size()), first);
  }
  EXPECT_EQ(pages_, 4 + 3);  // the last one went page by page
}

TEST_F(ExportTest, IsFrozenAtItsSizeHoweverFarTheTrailHasGrown) {
  Grow(300);
  const Wanted before = At(300);
  Grow(700);
  ASSERT_TRUE(Export(before));
  EXPECT_EQ(trail::Verified(before.folder).verdict, Verdict::kValid);
  // And the later one extends it.
  const Wanted after = At(700);
  ASSERT_TRUE(Export(after));
  trail::Question question;
  question.folder = after.folder;
  question.older = {{.file = "older", .bytes = before.checkpoint, .entry = {}}};
  const trail::Report report = trail::Verified(question);
  EXPECT_EQ(report.verdict, Verdict::kValid) << trail::Describe(report);
  EXPECT_EQ(report.older_checked, 1u);
}

// What a stream sends on is never more than one bundle and its tiles.
TEST_F(ExportTest, AStepMakesOneBundleAtMost) {
  struct Counted final : trail::ExportSink {
    Result<void> Write(const std::string& path, std::string_view /*bytes*/) override {
      bundles += path.starts_with("tile/entries") ? 1 : 0;
      last = path;
      return {};
    }
    int bundles = 0;
    std::string last;
  };
  Grow(1'300);
  Counted files;
  TrailExporter exporter(
      At(1'300), [&]() -> Result<TrailRows> { return folded_.Rows(); }, history_.log(), files);
  for (int step = 1; step <= 5; ++step) {
    const auto more = exporter.Step();
    ASSERT_TRUE(more) << more.error().message;
    EXPECT_TRUE(*more);
    EXPECT_EQ(files.bundles, step);
  }
  EXPECT_FALSE(exporter.Step().value());
  EXPECT_EQ(files.bundles, 6);
  EXPECT_EQ(files.last, "checkpoint");
}

TEST_F(ExportTest, AnEditedEntryIsNamed) {
  Grow(300);
  const Wanted what = At(300);
  ASSERT_TRUE(Export(what));
  const std::string& entry = history_.Entries(kGarage)[270];
  trail::Tamper(what.folder / trail::BundlePath(1, 300 - 256), [&](std::string& bundle) {
    const size_t at = bundle.find(entry);
    ASSERT_NE(at, std::string::npos);
    bundle[at + entry.find("report")] = 'R';
  });
  const trail::Report report = trail::Verified(what.folder);
  EXPECT_EQ(report.verdict, Verdict::kAltered);
  ASSERT_FALSE(report.findings.empty());
  EXPECT_EQ(report.findings[0].entry, 270u) << trail::Describe(report);
}

// The rows were folded from another log than the one that is read.
TEST_F(ExportTest, ALogThatHoldsOtherEntriesIsNoExport) {
  Grow(20);
  const Wanted what = At(20);
  TrailHistory other;
  std::mt19937_64 random(20);
  other.Report("bakery00");
  other.Emit();
  while (other.Entries(kGarage).size() < 40) other.AppendRandom(random, 1);
  const auto exported = Export(what, other.log());
  ASSERT_FALSE(exported);
  EXPECT_EQ(exported.error().reason, "PARTITION_DIVERGED") << exported.error().message;
  EXPECT_FALSE(std::filesystem::exists(what.folder / "checkpoint"));
}

TEST_F(ExportTest, AnotherRootThanTheSignedOneIsNoExport) {
  Grow(20);
  Wanted what = At(20);
  what.root[0] ^= 1;
  const auto exported = Export(what);
  ASSERT_FALSE(exported);
  EXPECT_EQ(exported.error().reason, "PARTITION_DIVERGED");
  EXPECT_FALSE(std::filesystem::exists(what.folder / "checkpoint"));
}

TEST_F(ExportTest, MoreThanThereIsAndAFolderThatIsThereAreRefused) {
  Grow(20);
  Wanted what = At(20);
  what.size = history_.Entries(kGarage).size() + 1;
  const auto beyond = Export(what);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, Code::kDataLoss);
  const auto again = Export(what);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::kAlreadyExists);
}

}  // namespace
}  // namespace jalon::projections
