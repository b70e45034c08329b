// An export of a later generation, and what a holder kept of an earlier one: its log was put back
// from a backup in between.
#include <gtest/gtest.h>

#include "eventstore/trail/origin.h"
#include "eventstore/trail/tile.h"
#include "eventstore/trail/verify/verify_testing.h"

namespace jalon::trail {
namespace {

const std::string kDeployment(16, '\xd3');
constexpr uint64_t kSize = 300;

class GenerationTest : public testing::Test {
 protected:
  static std::string Trail(uint32_t generation, const std::string& company = "garage00") {
    return TrailOrigin(kDeployment, std::string(16, 's'), company, generation);
  }
  static SignerKey Log(uint32_t generation) { return LogKey(Trail(generation)); }
  static SignerKey Receipts(uint32_t generation) {
    return LogKey(ReceiptsOrigin(kDeployment, 3, generation));
  }
  // Of the second generation, by somebody who has the keys of all.
  Question About(std::vector<std::string> entries, size_t size) {
    entries.resize(size);
    Question question{.folder = Export(temp_, entries, Log(2))};
    for (const uint32_t generation : {1, 2, 3}) {
      question.keys.push_back(Log(generation).verifier());
      question.keys.push_back(Receipts(generation).verifier());
    }
    return question;
  }
  std::vector<std::string> Rewritten() const {
    auto entries = entries_;
    entries[150] = TrailEvent(150, 80);
    return entries;
  }
  static void Expect(const Question& question, Flaw flaw, uint64_t number) {
    const Report report = Verified(question);
    ASSERT_TRUE(report.gravest) << Describe(report);
    EXPECT_EQ(report.verdict, VerdictOf(flaw)) << Describe(report);
    EXPECT_EQ(report.gravest->flaw, flaw) << Describe(report);
    EXPECT_EQ(report.gravest->number.value_or(0), number) << Describe(report);
    EXPECT_EQ(report.of_other_generations, 1u);
  }

  TempFolder temp_;
  const std::vector<std::string> entries_ = TrailEvents(kSize);
};

TEST_F(GenerationTest, WhatWasKeptHoldsWhereNothingOfItWasLost) {
  Question question = About(entries_, kSize);
  question.older = {OlderOf(entries_, 100, Log(1)), OlderOf(entries_, 200, Log(2))};
  question.receipts = {ReceiptByLine(entries_[7], 7, Trail(1), Receipts(1)),
                       ReceiptByLine(entries_[8], 8, Trail(1), Receipts(2))};
  const Report report = Verified(question);
  EXPECT_EQ(report.verdict, Verdict::kValid) << Describe(report);
  EXPECT_EQ(report.older_fitting, 2u);
  EXPECT_EQ(report.receipts_checked, 2u);
  EXPECT_EQ(report.of_other_generations, 2u);
}

TEST_F(GenerationTest, ACheckpointThatTheLogDoesNotGoOnFromIsOfTheOtherGeneration) {
  Question question = About(entries_, 200);
  question.older = {OlderOf(entries_, 250, Log(1))};  // the backup lacks some of them
  Expect(question, Flaw::kOtherGenerationLonger, 250);
  question = About(Rewritten(), kSize);  // and it has grown since
  question.older = {OlderOf(entries_, 250, Log(1))};
  Expect(question, Flaw::kOtherGeneration, 250);
  question.older = {OlderOf(entries_, 250, Log(3))};
  Expect(question, Flaw::kOtherGeneration, 250);
  // Of its own generation nothing excuses it.
  question.older = {OlderOf(entries_, 250, Log(2))};
  EXPECT_EQ(Verified(question).gravest->flaw, Flaw::kForked);
}

TEST_F(GenerationTest, AReceiptOfALostEntryIsOfTheOtherGeneration) {
  Question question = About(entries_, 200);
  question.receipts = {ReceiptByLine(entries_[250], 250, Trail(1), Receipts(1))};
  Expect(question, Flaw::kReceiptOfOtherGeneration, 1);
  question = About(Rewritten(), kSize);
  question.receipts = {ReceiptByLine(entries_[150], 150, Trail(1), Receipts(1))};
  Expect(question, Flaw::kReceiptOtherEntryOfGeneration, 1);
  question.receipts = {ReceiptByLine(entries_[150], 150, Trail(1), Receipts(2))};
  EXPECT_EQ(Verified(question).gravest->flaw, Flaw::kReceiptOtherEntry);
}

// Another generation is another name of what was signed, and no milder verdict of it.
TEST_F(GenerationTest, ExcusesNothing) {
  EXPECT_EQ(VerdictOf(Flaw::kOtherGeneration), VerdictOf(Flaw::kForked));
  EXPECT_EQ(VerdictOf(Flaw::kOtherGenerationLonger), VerdictOf(Flaw::kTruncated));
  EXPECT_EQ(VerdictOf(Flaw::kReceiptOtherEntryOfGeneration), VerdictOf(Flaw::kReceiptOtherEntry));
  EXPECT_EQ(VerdictOf(Flaw::kReceiptOfOtherGeneration), VerdictOf(Flaw::kReceiptMissing));
}

// A checkpoint that was kept of the root log, in whichever generation, and what is shown of that.
class RootGenerationTest : public GenerationTest {
 protected:
  static constexpr size_t kRootSize = 13;
  static SignerKey Root(uint32_t generation, const std::string& deployment = kDeployment) {
    return LogKey(RootOrigin(deployment, generation));
  }
  RootGenerationTest() {
    for (const uint32_t generation : {1, 2}) {
      question_.keys.push_back(Root(generation).verifier());
    }
  }
  PublishedIn In(const SignerKey& key, size_t size = kRootSize,
                 const std::string& history = "one") {
    return {question_.folder, size, 2, history, key};
  }
  void Prove(PublishedIn root, size_t since) {
    root.Prove(kRootSize, root.NoteOf(kRootSize));
    root.ProveSince(since, kRootSize, root.NoteOf(kRootSize));
  }
  void Keep(PublishedIn root, size_t size) {
    question_.older = {{.file = "kept", .bytes = root.NoteOf(size), .entry = {}}};
  }
  Flaw Gravest() {
    const Report report = Verified(question_);
    return report.gravest ? report.gravest->flaw : Flaw::kStale;
  }

  Question question_ = About(entries_, 20);
};

TEST_F(RootGenerationTest, WhatWasKeptOfAnEarlierOneHolds) {
  Prove(In(Root(2)), 7);
  Keep(In(Root(1)), 7);
  const Report report = Verified(question_);
  EXPECT_EQ(report.verdict, Verdict::kValid) << Describe(report);
  EXPECT_EQ(report.root_older_fitting, 1u);
  EXPECT_EQ(report.of_other_generations, 1u);
}

TEST_F(RootGenerationTest, WhatDoesNotFitIsNoOtherOrigin) {
  Prove(In(Root(2)), 7);
  Keep(In(Root(1), kRootSize, "another"), 7);
  EXPECT_EQ(Gravest(), Flaw::kOtherGeneration);
  Keep(In(Root(1), kRootSize + 2), kRootSize + 1);
  EXPECT_EQ(Gravest(), Flaw::kRootNotReached);
}

// Leaving the proof out is not a way to make what was kept one of another log.
TEST_F(RootGenerationTest, WithoutTheProofItIsMissing) {
  for (const uint32_t generation : {1, 2}) {
    Keep(In(Root(generation)), 7);
    const Report report = Verified(question_);
    ASSERT_TRUE(report.gravest);
    EXPECT_EQ(report.gravest->flaw, Flaw::kFileMissing);
    EXPECT_EQ(report.gravest->file, kRootProofFile);
  }
  Keep(In(LogKey(RootOrigin(std::string(16, 'x')))), 7);  // of another deployment
  question_.keys.push_back(Root(1, std::string(16, 'x')).verifier());
  EXPECT_EQ(Gravest(), Flaw::kOtherOrigin);
}

TEST_F(RootGenerationTest, ARootLogOfAnotherDeploymentOrGenerationProvesNothing) {
  question_.keys.push_back(Root(2, std::string(16, 'x')).verifier());
  Prove(In(Root(2)), 7);
  EXPECT_EQ(Verified(question_).verdict, Verdict::kValid);
  for (const SignerKey& key : {Root(1), Root(2, std::string(16, 'x'))}) {
    Prove(In(key), 7);
    const Report report = Verified(question_);
    ASSERT_TRUE(report.gravest) << key.verifier().name;
    EXPECT_EQ(report.gravest->flaw, Flaw::kOtherOrigin);
    EXPECT_EQ(report.gravest->file, kRootProofFile);
    EXPECT_FALSE(report.root_log);
  }
}

TEST_F(GenerationTest, AnotherTrailIsAnotherOne) {
  Question question = About(entries_, kSize);
  const SignerKey other = LogKey(Trail(1, "bakery00"));
  question.keys.push_back(other.verifier());
  question.older = {OlderOf(entries_, 100, other)};
  EXPECT_EQ(Verified(question).gravest->flaw, Flaw::kOtherOrigin);
  question.older.clear();
  question.receipts = {ReceiptByLine(entries_[7], 7, Trail(1, "bakery00"), Receipts(1))};
  EXPECT_EQ(Verified(question).gravest->flaw, Flaw::kOtherOrigin);
}

}  // namespace
}  // namespace jalon::trail
