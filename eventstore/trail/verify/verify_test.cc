#include "eventstore/trail/verify/verify.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "eventstore/trail/tile.h"
#include "eventstore/trail/verify/in_order.h"
#include "eventstore/trail/verify/verify_testing.h"

namespace jalon::trail {
namespace {

TEST(VerifyTest, EverySizeIsValidInAnyNumberOfThreads) {
  const auto events = TrailEvents(1030);
  const TempFolder temp;
  for (const size_t size : {1, 2, 3, 255, 256, 257, 511, 512, 513, 768, 1024, 1030}) {
    Question question;
    question.folder = Export(temp, {events.begin(), events.begin() + static_cast<long>(size)});
    for (size_t older = 0; older <= size; older += 1 + size / 50) {
      question.older.push_back(OlderOf(events, older));
    }
    for (size_t index = 0; index < size; index += 1 + size / 20) {
      question.receipts.push_back(ReceiptByLine(events[index], index));
      question.receipts.push_back(ReceiptOf(events, index, size));
    }
    for (const unsigned threads : {1, 2, 5}) {
      question.threads = threads;
      const Report report = Verified(question);
      EXPECT_EQ(report.verdict, Verdict::kValid) << size << '\n' << Describe(report);
      EXPECT_EQ(report.entries, size);
      EXPECT_EQ(report.older_checked, question.older.size());
      EXPECT_EQ(report.receipts_checked, question.receipts.size());
    }
  }
}

TEST(VerifyTest, ALargeTrailHasThreeLevelsOfTiles) {
  const TempFolder temp;
  const auto events = TrailEvents(66'000);
  Question question{.folder = Export(temp, events), .threads = 2};
  EXPECT_EQ(Verified(question).verdict, Verdict::kValid);
  Tamper(question.folder / TilePath({1, 0, 256}), [](std::string& bytes) { bytes[32 * 77] ^= 1; });
  Report report = Verified(question);
  ASSERT_EQ(report.findings_total, 1u) << Describe(report);
  EXPECT_EQ(report.findings[0].flaw, Flaw::kTileChanged);
  EXPECT_EQ(report.findings[0].number, 77u);
  Tamper(question.folder / TilePath({1, 0, 256}), [](std::string& bytes) { bytes[32 * 77] ^= 1; });

  // An entry and its tile were changed: the tile above tells in which bundle.
  auto changed = events;
  changed[256 * 9 + 3] = TrailEvent(256 * 9 + 3, 300);
  const auto rewritten = Export(temp, changed);
  std::filesystem::copy_file(rewritten / BundlePath(9, 256), question.folder / BundlePath(9, 256),
                             std::filesystem::copy_options::overwrite_existing);
  report = Verified(question);
  EXPECT_EQ(report.findings[0].flaw, Flaw::kEntryChanged);
  EXPECT_EQ(report.findings[0].entry, 256u * 9 + 3);
  std::filesystem::copy_file(rewritten / TilePath({0, 9, 256}),
                             question.folder / TilePath({0, 9, 256}),
                             std::filesystem::copy_options::overwrite_existing);
  report = Verified(question);
  EXPECT_EQ(report.verdict, Verdict::kAltered);
  ASSERT_EQ(report.findings_total, 1u) << Describe(report);
  EXPECT_EQ(report.findings[0].flaw, Flaw::kEntryOrTileChanged);
  EXPECT_EQ(report.findings[0].entry, 256u * 9);
  EXPECT_EQ(report.findings[0].last, 256u * 9 + 255);
}

TEST(VerifyTest, WhatCannotBeReadIsNotCalledAltered) {
  const TempFolder temp;
  Question question{.folder = temp.path() / "nowhere", .keys = {LogKey().verifier()}};
  EXPECT_EQ(VerifyExport(question).error().reason, "NOT_READ");
  question.folder = Export(temp, TrailEvents(300));
  const std::string bundle = (question.folder / BundlePath(0, 256)).string();
  std::filesystem::remove(bundle);
  std::filesystem::create_symlink(bundle, bundle);  // a loop
  for (const unsigned threads : {1, 3}) {
    question.threads = threads;
    EXPECT_EQ(VerifyExport(question).error().reason, "NOT_READ");
  }
}

TEST(VerifyTest, WhatIsNoRegularFileIsNotThere) {
  const TempFolder temp;
  const auto folder = Export(temp, TrailEvents(3));
  const std::string bundle = (folder / BundlePath(0, 3)).string();
  std::filesystem::remove(bundle);
  ASSERT_EQ(mkfifo(bundle.c_str(), 0600), 0);  // would be waited on for ever
  EXPECT_EQ(FirstFlaw(Verified(folder)), Flaw::kFileMissing);
}

TEST(VerifyTest, TellsHowFarItIsAndEndsWhenAsked) {
  const TempFolder temp;
  Question question{.folder = Export(temp, TrailEvents(1000)), .keys = {LogKey().verifier()}};
  std::vector<uint64_t> told;
  question.progress = [&](uint64_t done, uint64_t total) {
    EXPECT_EQ(total, 1000u);
    told.push_back(done);
    return told.size() < 3;
  };
  EXPECT_EQ(VerifyExport(question).error().code, Code::kCancelled);
  EXPECT_EQ(told, (std::vector<uint64_t>{0, 256, 512}));
}

TEST(VerifyTest, TheSameIsFoundInAnyNumberOfThreads) {
  const TempFolder temp;
  Question question{.folder = Export(temp, TrailEvents(5000))};
  for (const uint64_t number : {1, 7, 18}) {
    Tamper(question.folder / BundlePath(number, 256), [](std::string& bytes) { bytes[40] ^= 1; });
  }
  const Report report = Verified(question);
  EXPECT_EQ(report.findings_total, 3u) << Describe(report);
  for (const unsigned threads : {2, 3, 8}) {
    question.threads = threads;
    EXPECT_EQ(Verified(question).findings, report.findings);
  }
}

TEST(InOrderTest, PiecesAreTakenInOrderAndNotFarAhead) {
  for (const unsigned threads : {1, 2, 7}) {
    std::atomic<uint64_t> taken = 0;
    InOrder<uint64_t> work(
        1000, threads,
        [&](unsigned, uint64_t number) -> Result<uint64_t> {
          EXPECT_LT(number, taken + threads * 8);
          return number * 3;
        },
        [&](uint64_t number, uint64_t piece) -> Result<void> {
          EXPECT_EQ(number, taken);
          EXPECT_EQ(piece, number * 3);
          ++taken;
          return {};
        });
    EXPECT_TRUE(work.Run());
    EXPECT_EQ(taken, 1000u);
  }
}

TEST(InOrderTest, AnErrorEndsIt) {
  for (const unsigned threads : {1, 2, 7}) {
    for (const bool when_made : {true, false}) {
      const auto fail = [](bool now) -> Result<void> {
        if (now) return Fail(Code::kInternal, "INTERNAL", "that one");
        return {};
      };
      uint64_t taken = 0;
      InOrder<uint64_t> work(
          1000, threads,
          [&](unsigned, uint64_t number) -> Result<uint64_t> {
            JALON_RETURN_IF_ERROR(fail(when_made && number == 500));
            return number;
          },
          [&](uint64_t number, uint64_t) {
            ++taken;
            return fail(!when_made && number == 500);
          });
      EXPECT_EQ(work.Run().error().message, "that one");
      EXPECT_LE(taken, 501u);
    }
  }
}

}  // namespace
}  // namespace jalon::trail
