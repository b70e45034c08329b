// What a holder kept from before, and which of several findings decides.
#include <gtest/gtest.h>

#include "eventstore/trail/note.h"
#include "eventstore/trail/tile.h"
#include "eventstore/trail/tlog_proof.h"
#include "eventstore/trail/verify/verify_testing.h"

namespace jalon::trail {
namespace {

constexpr uint64_t kSize = 300;
constexpr uint64_t kNow = 1'767'225'600;

class EvidenceTest : public testing::Test {
 protected:
  Question About(const std::vector<std::string>& entries) {
    return {.folder = Export(temp_, entries)};
  }
  // The first `size` of them.
  std::vector<std::string> First(size_t size) const {
    return {entries_.begin(), entries_.begin() + static_cast<long>(size)};
  }
  std::vector<std::string> Rewritten() const {
    auto entries = entries_;
    entries[3] = TrailEvent(3, 80);
    return entries;
  }
  static Evidence WithATurnedHash(Evidence receipt) {
    auto proof = ParseTlogProof(receipt.bytes).value();
    proof.hashes.front()[5] ^= 1;
    receipt.bytes = FormatTlogProof(proof);
    return receipt;
  }
  void Expect(const Question& question, Flaw flaw) {
    const Report report = Verified(question);
    EXPECT_EQ(report.verdict, VerdictOf(flaw)) << Describe(report);
    ASSERT_TRUE(report.gravest) << Describe(report);
    EXPECT_EQ(report.gravest->flaw, flaw) << Describe(report);
  }
  static Policy PolicyOfTheWitness() {
    return ParsePolicy("witness w " + FormatVerifierKey(WitnessKey().verifier()) + "\nquorum w\n")
        .value();
  }
  static void CosignAt(const std::filesystem::path& folder, uint64_t time_s) {
    Tamper(folder / "checkpoint", [&](std::string& bytes) {
      Note note = ParseNote(bytes).value();
      note.lines.push_back(Cosign(note.text, WitnessKey(), time_s));
      bytes = FormatNote(note);
    });
  }

  TempFolder temp_;
  const std::vector<std::string> entries_ = TrailEvents(kSize);
};

// The larger checkpoint is signed, and proves that the export is shorter; the proof beside it, of
// which one bit was turned, proves nothing against anybody.
TEST_F(EvidenceTest, ADamagedReceiptAccusesNobodyOfAFork) {
  Question question = About(First(200));
  question.receipts = {ReceiptOf(entries_, 5, kSize)};
  Expect(question, Flaw::kTruncated);
  question.receipts = {WithATurnedHash(ReceiptOf(entries_, 5, kSize))};
  Expect(question, Flaw::kTruncated);
  question.receipts = {WithATurnedHash(ReceiptOf(entries_, 5, 200))};
  Expect(question, Flaw::kProofFails);
  // With the entry beside it, what was turned is the proof.
  question.receipts = {WithATurnedHash(ReceiptOf(entries_, 5, kSize))};
  question.receipts[0].entry = entries_[5];
  Expect(question, Flaw::kProofFails);
}

TEST_F(EvidenceTest, AReceiptOfALaterTreeProvesAnotherEntry) {
  auto shorter = Rewritten();
  shorter.resize(200);
  Question question = About(shorter);
  question.receipts = {ReceiptOf(entries_, 3, kSize)};
  question.receipts[0].entry = entries_[3];
  Expect(question, Flaw::kReceiptOtherEntry);
  question.receipts = {ReceiptOf(entries_, 4, kSize)};  // that entry is the same
  question.receipts[0].entry = entries_[4];
  Expect(question, Flaw::kTruncated);
}

TEST_F(EvidenceTest, TheGravestFindingIsTheVerdict) {
  const Evidence bad{.file = "bad", .bytes = "no checkpoint\n", .entry = {}};
  const Evidence longer = OlderOf(entries_, kSize);
  const Evidence forked = OlderOf(Rewritten(), 100);
  const Evidence missing = ReceiptByLine(entries_[250], 250);
  Question question = About(First(200));
  question.policy = PolicyOfTheWitness();
  Expect(question, Flaw::kQuorumNotMet);
  CosignAt(question.folder, kNow - 7200);
  question.since_s = kNow - 3600;
  question.older = {bad};
  Expect(question, Flaw::kStale);
  question.since_s.reset();
  Expect(question, Flaw::kNoSignatureBlock);
  question.since_s = kNow - 3600;
  question.receipts = {missing};
  Expect(question, Flaw::kReceiptMissing);
  question.older = {bad, longer};
  Expect(question, Flaw::kTruncated);
  question.older = {bad, longer, forked};
  Expect(question, Flaw::kForked);
  const Report report = Verified(question);
  EXPECT_EQ(report.findings_total, 5u) << Describe(report);
  EXPECT_EQ(report.findings[0].flaw, Flaw::kNoSignatureBlock);  // in the order of the checks
}

TEST_F(EvidenceTest, AForkIsToldThoughTheExportHasMoreFlawsThanAreListed) {
  Question question = About(entries_);
  Tamper(question.folder / TilePath({0, 0, 256}), [](std::string& bytes) {
    for (size_t i = 0; i < 256; ++i) bytes[i * 32] ^= 1;
  });
  question.older = {OlderOf(Rewritten(), 100)};
  Expect(question, Flaw::kForked);
  const Report report = Verified(question);
  EXPECT_EQ(report.findings_total, 257u);
  ASSERT_EQ(report.findings.size(), Report::kFindingsMax);
  EXPECT_EQ(report.findings.back().flaw, Flaw::kForked);
}

TEST_F(EvidenceTest, WhatTheHolderGaveIsMarked) {
  Question question = About(entries_);
  question.older = {OlderOf(entries_, 100)};
  question.older[0].bytes[question.older[0].bytes.size() - 10] ^= 1;
  Report report = Verified(question);
  ASSERT_TRUE(report.gravest);
  EXPECT_TRUE(report.gravest->is_held) << Describe(report);
  question.older.clear();
  question.receipts = {WithATurnedHash(ReceiptOf(entries_, 5, 200))};
  report = Verified(question);
  ASSERT_TRUE(report.gravest);
  EXPECT_TRUE(report.gravest->is_held) << Describe(report);
  question.receipts.clear();
  question.policy = PolicyOfTheWitness();
  report = Verified(question);
  ASSERT_TRUE(report.gravest);
  EXPECT_FALSE(report.gravest->is_held) << Describe(report);
}

// An older checkpoint that says nothing, or only what the export says, shows nothing of what was
// before.
TEST_F(EvidenceTest, AnOlderCheckpointFitsOnlyIfItSaysMoreThanTheExport) {
  Question question = About(entries_);
  const auto fitting = [&](const Evidence& older) {
    question.older = {older};
    const Report report = Verified(question);
    EXPECT_EQ(report.verdict, Verdict::kValid) << Describe(report);
    EXPECT_EQ(report.older_checked, 1u);
    return report.older_fitting;
  };
  EXPECT_EQ(fitting(OlderOf(entries_, 100)), 1u);
  EXPECT_EQ(fitting(OlderOf(entries_, 0)), 0u);
  EXPECT_EQ(
      fitting({.file = "same", .bytes = ReadAll(question.folder / "checkpoint"), .entry = {}}), 0u);
}

TEST_F(EvidenceTest, ACosignatureOfAComingTimeIsNotFresh) {
  Question question = About(entries_);
  question.policy = PolicyOfTheWitness();
  question.since_s = kNow - 3600;
  question.until_s = kNow + 300;
  CosignAt(question.folder, kNow + 301);
  Expect(question, Flaw::kCosignedInFuture);
  question.until_s = kNow + 301;
  EXPECT_EQ(Verified(question).verdict, Verdict::kValid);
  question.since_s.reset();  // nobody asked how old it may be
  question.until_s.reset();
  EXPECT_EQ(Verified(question).verdict, Verdict::kValid);
}

}  // namespace
}  // namespace jalon::trail
