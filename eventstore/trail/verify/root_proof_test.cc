// An export's proof that it is in the root log: held, missing, of another log, turned.
#include <gtest/gtest.h>

#include "eventstore/trail/note.h"
#include "eventstore/trail/tile.h"
#include "eventstore/trail/tlog_proof.h"
#include "eventstore/trail/verify/verify_testing.h"

namespace jalon::trail {
namespace {

constexpr std::string_view kRoot = "audit.example/root/1";

class RootProofTest : public ::testing::Test {
 protected:
  // The root log: the export's checkpoint third of five.
  void Prove(size_t index = 2, const std::string& root_origin = std::string(kRoot)) {
    std::vector<std::string> published(5, "another.example/trail/1\n1\nroot\n");
    published[2] = FormatCheckpoint(
        ParseCheckpoint(ParseNote(ReadAll(folder_ / "checkpoint")).value().text).value());
    NaiveTree tree(LeavesOf(published));
    const std::string text =
        FormatCheckpoint({.origin = root_origin, .size = 5, .root = tree.Root(5)});
    Note note{.text = text, .lines = {SignText(text, LogKey(root_origin))}};
    note.lines.push_back(Cosign(text, WitnessKey(), 1'767'225'600));
    WriteAll(folder_ / kRootProofFile, FormatTlogProof({.extra = {},
                                                        .index = index,
                                                        .hashes = tree.Inclusion(2, 5),
                                                        .checkpoint = FormatNote(note)}));
  }
  Question Asked(bool with_key = true) {
    Question question{.folder = folder_, .keys = {LogKey().verifier()}};
    if (with_key) question.keys.push_back(LogKey(std::string(kRoot)).verifier());
    return question;
  }

  const TempFolder temp_;
  const std::filesystem::path folder_ = Export(temp_, TrailEvents(3));
};

TEST_F(RootProofTest, HoldsWithTheRootLogsKey) {
  Prove();
  Question question = Asked();
  question.published = true;
  const Report report = Verified(question);
  EXPECT_EQ(report.verdict, Verdict::kValid) << Describe(report);
  ASSERT_TRUE(report.root_log);
  EXPECT_EQ(report.root_log->size, 5u);
}

TEST_F(RootProofTest, IsNotLookedAtWithoutThatKeyUnlessItIsAskedFor) {
  Prove();
  Question question = Asked(false);
  Report report = Verified(question);
  EXPECT_EQ(report.verdict, Verdict::kValid);
  EXPECT_FALSE(report.root_log);
  EXPECT_EQ(report.root_key_missing, kRoot);
  question.published = true;
  report = Verified(question);
  EXPECT_EQ(report.verdict, Verdict::kWrongOrigin);
  EXPECT_EQ(report.findings.at(0).file, kRootProofFile);
}

TEST_F(RootProofTest, MayBeAskedFor) {
  EXPECT_EQ(Verified(Asked()).verdict, Verdict::kValid);
  Question question = Asked();
  question.published = true;
  const Report report = Verified(question);
  EXPECT_EQ(report.verdict, Verdict::kAltered);
  EXPECT_EQ(report.findings.at(0).flaw, Flaw::kFileMissing);
}

// A whole trail that the root log does not hold.
TEST_F(RootProofTest, OfAnotherCheckpointFails) {
  Prove(1);
  EXPECT_EQ(FirstFlaw(Verified(Asked())), Flaw::kProofFails);
}

TEST_F(RootProofTest, OfTheTrailItselfIsNone) {
  Prove(2, std::string(kOrigin));
  EXPECT_EQ(FirstFlaw(Verified(Asked())), Flaw::kOtherOrigin);
}

TEST_F(RootProofTest, TheRootLogsWitnessesCountForTheTrail) {
  Question question = Asked();
  question.policy =
      ParsePolicy("witness w " + FormatVerifierKey(WitnessKey().verifier()) + "\nquorum w\n")
          .value();
  EXPECT_EQ(FirstFlaw(Verified(question)), Flaw::kQuorumNotMet);
  Prove();
  const Report report = Verified(question);
  EXPECT_EQ(report.verdict, Verdict::kValid) << Describe(report);
  EXPECT_EQ(report.cosigned.size(), 1u);
}

TEST_F(RootProofTest, EveryByteOfItCounts) {
  Prove();
  Question question = Asked();
  question.published = true;
  question.policy =
      ParsePolicy("witness w " + FormatVerifierKey(WitnessKey().verifier()) + "\nquorum w\n")
          .value();
  ASSERT_EQ(Verified(question).verdict, Verdict::kValid);
  const std::string before = ReadAll(folder_ / kRootProofFile);
  for (size_t at = 0; at < before.size(); ++at) {
    std::string bytes = before;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    WriteAll(folder_ / kRootProofFile, bytes);
    EXPECT_NE(Verified(question).verdict, Verdict::kValid) << at;
  }
}

}  // namespace
}  // namespace jalon::trail
