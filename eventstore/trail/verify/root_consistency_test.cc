// An older checkpoint of the root log against what an export says of it now; and the rows of the
// table of tamperings that are about witnesses.
#include <gtest/gtest.h>

#include "eventstore/trail/tile.h"
#include "eventstore/trail/tlog_proof.h"
#include "eventstore/trail/verify/verify_testing.h"

namespace jalon::trail {
namespace {

constexpr size_t kSize = 13;
constexpr uint64_t kTime = 1'767'225'600;

const SignerKey& OtherWitness() {
  static const SignerKey key("witness.example/w2", KeyType::kWitness, SeedFrom(77));
  return key;
}

class RootConsistencyTest : public testing::Test {
 protected:
  RootConsistencyTest() {
    root_.Prove(kSize, root_.NoteOf(kSize));
    question_.keys = {LogKey().verifier(), LogKey(kRootOrigin).verifier()};
  }

  static Evidence Older(PublishedIn& log, size_t size) {
    return {.file = "kept", .bytes = log.NoteOf(size), .entry = {}};
  }
  void Expect(Flaw flaw, const std::string& file) {
    const Report report = Verified(question_);
    EXPECT_EQ(report.verdict, VerdictOf(flaw)) << Describe(report);
    ASSERT_TRUE(report.gravest) << Describe(report);
    EXPECT_EQ(report.gravest->flaw, flaw) << Describe(report);
    EXPECT_EQ(report.gravest->file, file);
  }
  // Of both witnesses, or a number of them.
  void AskFor(const std::string& quorum) {
    question_.policy = ParsePolicy("witness w1 " + FormatVerifierKey(WitnessKey().verifier()) +
                                   "\nwitness w2 " + FormatVerifierKey(OtherWitness().verifier()) +
                                   "\ngroup both all w1 w2\n" + "quorum " + quorum + "\n")
                           .value();
  }

  const TempFolder temp_;
  Question question_{.folder = Export(temp_, TrailEvents(3))};
  PublishedIn root_{question_.folder, kSize};
  PublishedIn forked_{question_.folder, kSize + 2, 2, "another"};
};

TEST_F(RootConsistencyTest, GoesOnFromEverySize) {
  for (size_t old_size = 1; old_size < kSize; ++old_size) {
    root_.ProveSince(old_size, kSize, root_.NoteOf(kSize));
    question_.older = {Older(root_, old_size)};
    const Report report = Verified(question_);
    EXPECT_EQ(report.verdict, Verdict::kValid) << old_size << Describe(report);
    EXPECT_EQ(report.root_older_fitting, 1u);
  }
  std::filesystem::remove(question_.folder / kRootConsistencyFile);
  question_.older = {Older(root_, kSize), Older(root_, 0)};  // these need no proof
  EXPECT_EQ(Verified(question_).verdict, Verdict::kValid);
}

// Row: a rewritten root log, signed with the true key. The proof that its own tree has is sent.
TEST_F(RootConsistencyTest, AForkAtAnySizeIsNoContinuation) {
  for (size_t old_size = 1; old_size < kSize; ++old_size) {
    root_.ProveSince(old_size, kSize, root_.NoteOf(kSize));
    question_.older = {Older(forked_, old_size)};
    Expect(Flaw::kRootForked, "kept");
  }
  question_.older = {Older(forked_, kSize)};
  Expect(Flaw::kRootForked, "kept");
}

// An older checkpoint may be all that witnesses signed, so nothing is said to be missing.
TEST_F(RootConsistencyTest, WhatWasKeptOfALongerRootLogAccusesNobody) {
  for (PublishedIn* log : {&root_, &forked_}) {
    if (log == &root_) root_.Prove(kSize - 1, root_.NoteOf(kSize - 1));
    question_.older = {Older(*log, kSize)};
    if (log == &forked_) question_.older = {Older(*log, kSize + 1)};
    Expect(Flaw::kRootNotReached, kRootConsistencyFile);
    EXPECT_EQ(Verified(question_).verdict, Verdict::kAltered);
    EXPECT_FALSE(Verified(question_).gravest->is_held);
  }
}

// Row: a fork at a power of two, whose root a consistency proof leaves out.
TEST_F(RootConsistencyTest, EveryByteOfTheNextEntrysProofCountsAndWithoutItNobodyIsAccused) {
  constexpr size_t kOld = 8;
  root_.ProveSince(kOld, kSize, root_.NoteOf(kSize));
  question_.older = {Older(forked_, kOld)};
  Expect(Flaw::kRootForked, "kept");
  const std::string before = ReadAll(question_.folder / kRootNextFile);
  for (size_t at = 0; at < before.size(); ++at) {
    std::string bytes = before;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    WriteAll(question_.folder / kRootNextFile, bytes);
    Expect(Flaw::kProofFails, kRootConsistencyFile);
  }
  std::filesystem::remove(question_.folder / kRootNextFile);
  Expect(Flaw::kProofFails, kRootConsistencyFile);
  // A proof of another entry, or under another checkpoint, is none.
  root_.ProveSince(4, kSize, root_.NoteOf(kSize));
  root_.ProveSince(9, kSize, root_.NoteOf(kSize));
  Tamper(question_.folder / kRootConsistencyFile,
         [](std::string& bytes) { bytes.replace(0, 5, "old 8"); });
  Expect(Flaw::kProofFails, kRootConsistencyFile);
}

// A damaged consistency proof is no fork, whatever lies beside it.
TEST_F(RootConsistencyTest, ADamagedProofAtAPowerOfTwoIsNoFork) {
  root_.ProveSince(8, kSize, root_.NoteOf(kSize));
  question_.older = {Older(root_, 8)};
  Tamper(question_.folder / kRootConsistencyFile, [](std::string& bytes) {
    char& digit = bytes[bytes.find('\n') + 3];
    digit = digit == 'A' ? 'B' : 'A';
  });
  Expect(Flaw::kProofFails, kRootConsistencyFile);
}

TEST_F(RootConsistencyTest, AProofIsNeededAndOfThatSizeAndCheckpoint) {
  question_.older = {Older(root_, 7)};
  Expect(Flaw::kFileMissing, kRootConsistencyFile);
  root_.ProveSince(6, kSize, root_.NoteOf(kSize));
  Expect(Flaw::kConsistencyOtherSize, kRootConsistencyFile);
  root_.ProveSince(7, kSize - 1, root_.NoteOf(kSize - 1));
  Expect(Flaw::kProofFails, kRootConsistencyFile);
  WriteAll(question_.folder / kRootConsistencyFile, "old 7\n");
  Expect(Flaw::kConsistencyLines, kRootConsistencyFile);
}

TEST_F(RootConsistencyTest, WithoutAProofThatItIsThereACheckpointOfItIsOfAnotherLog) {
  std::filesystem::remove(question_.folder / kRootProofFile);
  question_.older = {Older(root_, 7)};
  Expect(Flaw::kOtherOrigin, "kept");
}

// Row: a bit flipped in the proof. Whoever damaged it accuses nobody.
TEST_F(RootConsistencyTest, EveryByteOfTheProofCountsAndAccusesNobodyOfAFork) {
  for (const size_t old_size : {6, 8}) {
    root_.ProveSince(old_size, kSize, root_.NoteOf(kSize));
    question_.older = {Older(root_, old_size)};
    const std::string before = ReadAll(question_.folder / kRootConsistencyFile);
    for (size_t at = 0; at < before.size(); ++at) {
      std::string bytes = before;
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
      WriteAll(question_.folder / kRootConsistencyFile, bytes);
      const Verdict verdict = Verified(question_).verdict;
      EXPECT_TRUE(verdict == Verdict::kAltered || verdict == Verdict::kMalformed) << at;
    }
  }
}

// Row: one witness of two is missing; its line is forged, doubled, moved, ahead of time.
TEST_F(RootConsistencyTest, BothWitnessesAreNeededWhereThePolicySaysSo) {
  AskFor("both");
  const auto first = root_.CosignatureOf(kSize, kTime);
  const auto second = root_.CosignatureOf(kSize, kTime + 60, OtherWitness());
  root_.Prove(kSize, root_.NoteOf(kSize, {first, second}));
  Report report = Verified(question_);
  EXPECT_EQ(report.verdict, Verdict::kValid) << Describe(report);
  EXPECT_EQ(report.witnesses_asked, 2u);
  EXPECT_EQ(report.witnesses_seen, 2u);
  root_.Prove(kSize, root_.NoteOf(kSize, {second}));
  Expect(Flaw::kQuorumNotMet, "checkpoint");
  EXPECT_EQ(Verified(question_).gravest->number, 1u);
}

// Row: each of two has signed, but another checkpoint: a quorum of halves has seen no history.
TEST_F(RootConsistencyTest, AQuorumIsOfOneCheckpoint) {
  AskFor("both");
  const auto of_trail = [&](const SignerKey& witness, uint64_t time_s) {
    Tamper(question_.folder / "checkpoint", [&](std::string& bytes) {
      Note note = ParseNote(bytes).value();
      note.lines.push_back(Cosign(note.text, witness, time_s));
      bytes = FormatNote(note);
    });
  };
  const auto of_root = [&](const SignerKey& witness, uint64_t time_s) {
    return root_.CosignatureOf(kSize, time_s, witness);
  };
  of_trail(WitnessKey(), kTime);
  root_.Prove(kSize, root_.NoteOf(kSize, {of_root(OtherWitness(), kTime)}));
  Expect(Flaw::kQuorumNotMet, "checkpoint");
  Report report = Verified(question_);
  EXPECT_EQ(report.gravest->number, 1u);
  EXPECT_EQ(report.cosigned.size(), 1u);
  // Both on one, and one of them on the other: the one that is met counts.
  of_trail(OtherWitness(), kTime);
  report = Verified(question_);
  EXPECT_EQ(report.verdict, Verdict::kValid) << Describe(report);
  EXPECT_EQ(report.witnesses_seen, 2u);
  // The same of their times.
  question_.since_s = kTime + 1;
  root_.Prove(kSize, root_.NoteOf(kSize, {of_root(OtherWitness(), kTime + 60)}));
  Expect(Flaw::kStale, "checkpoint");
}

TEST_F(RootConsistencyTest, ABitOfACosignatureVoidsIt) {
  AskFor("w1");
  const auto line = root_.CosignatureOf(kSize, kTime);
  for (size_t byte = 0; byte < line.signature.size(); ++byte) {  // its time, then the signature
    auto turned = line;
    turned.signature[byte] = static_cast<char>(turned.signature[byte] ^ (1 << byte % 8));
    root_.Prove(kSize, root_.NoteOf(kSize, {turned}));
    Expect(Flaw::kSignatureFails, kRootProofFile);
  }
}

TEST_F(RootConsistencyTest, ACosignatureOfAnotherCheckpointVoidsIt) {
  AskFor("w1");
  root_.Prove(kSize, root_.NoteOf(kSize, {root_.CosignatureOf(kSize - 1, kTime)}));
  Expect(Flaw::kSignatureFails, kRootProofFile);
}

TEST_F(RootConsistencyTest, AWrongWitnessKeyDoesNotCount) {
  AskFor("w1");
  const SignerKey forger(WitnessKey().verifier().name, KeyType::kWitness, SeedFrom(9));
  auto forged = root_.CosignatureOf(kSize, kTime, forger);
  root_.Prove(kSize, root_.NoteOf(kSize, {forged}));
  Expect(Flaw::kQuorumNotMet, "checkpoint");  // another key of that name: nobody's
  forged.key_id = WitnessKey().verifier().id;
  root_.Prove(kSize, root_.NoteOf(kSize, {forged}));
  Expect(Flaw::kSignatureFails, kRootProofFile);
}

TEST_F(RootConsistencyTest, ACosignatureLineThatStandsTwiceIsMalformed) {
  const auto line = root_.CosignatureOf(kSize, kTime);
  root_.Prove(kSize, root_.NoteOf(kSize, {line, line}));
  Expect(Flaw::kSignatureRepeated, kRootProofFile);
  AskFor("both");  // twice the same witness, at two times, is one
  root_.Prove(kSize, root_.NoteOf(kSize, {line, root_.CosignatureOf(kSize, kTime + 1)}));
  Expect(Flaw::kQuorumNotMet, "checkpoint");
}

TEST_F(RootConsistencyTest, ACosignatureOfAComingTimeIsNotFresh) {
  AskFor("w1");
  question_.since_s = kTime - 3600;
  question_.until_s = kTime + kWitnessAheadMaxS;
  root_.Prove(kSize, root_.NoteOf(kSize, {root_.CosignatureOf(kSize, kTime + 301)}));
  Expect(Flaw::kCosignedInFuture, "checkpoint");
  root_.Prove(kSize, root_.NoteOf(kSize, {root_.CosignatureOf(kSize, kTime + 300)}));
  EXPECT_EQ(Verified(question_).verdict, Verdict::kValid);
}

// Row: another trail's proof; another root log's, of the same operator.
TEST_F(RootConsistencyTest, AnotherTrailsRootProofIsNone) {
  const auto other = Export(temp_, TrailEvents(4));
  PublishedIn(other, kSize).Prove(kSize, PublishedIn(other, kSize).NoteOf(kSize));
  std::filesystem::copy(other / kRootProofFile, question_.folder / kRootProofFile,
                        std::filesystem::copy_options::overwrite_existing);
  Expect(Flaw::kProofFails, kRootProofFile);
  PublishedIn elsewhere(question_.folder, kSize, 2, "one", LogKey("audit.example/root/2"));
  elsewhere.Prove(kSize, elsewhere.NoteOf(kSize));
  question_.published = true;
  Expect(Flaw::kOriginOfNoKey, kRootProofFile);
}

}  // namespace
}  // namespace jalon::trail
