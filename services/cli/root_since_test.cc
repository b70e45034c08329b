// What a server answers about the root log, against what somebody kept of it.
#include "services/cli/root_since.h"

#include <gtest/gtest.h>

#include "eventstore/base/hash.h"
#include "eventstore/trail/note.h"
#include "eventstore/trail/trail_testing.h"

namespace jalon::cli {
namespace {

using trail::KeyType;
using trail::SignerKey;
using trail::v1::GetRootConsistencyProofResponse;

constexpr std::string_view kRoot = "audit.example/root/1";

SignerKey NextKey() { return {std::string(kRoot), KeyType::kLog, trail::SeedFrom(41)}; }

class RootSinceTest : public testing::Test {
 protected:
  static std::string NoteOf(trail::NaiveTree& tree, size_t size,
                            const std::vector<SignerKey>& keys = {trail::LogKey(kRoot)},
                            std::string_view origin = kRoot) {
    const std::string text = trail::FormatCheckpoint(
        {.origin = std::string(origin), .size = size, .root = tree.Root(size)});
    trail::Note note{.text = text, .lines = {}};
    for (const SignerKey& key : keys) note.lines.push_back(trail::SignText(text, key));
    return trail::FormatNote(note);
  }
  static GetRootConsistencyProofResponse ProofOf(trail::NaiveTree& tree, size_t old_size,
                                                 size_t size) {
    GetRootConsistencyProofResponse proof;
    proof.set_old_size(old_size);
    proof.set_old_root(std::string(View(tree.Root(old_size))));
    proof.set_size(size);
    proof.set_root(std::string(View(tree.Root(size))));
    for (const Hash& hash : tree.Consistency(old_size, size)) {
      proof.add_hashes(std::string(View(hash)));
    }
    return proof;
  }
  // What is exited with.
  int Judge(const std::string& kept, const std::string& note,
            const GetRootConsistencyProofResponse& proof) {
    auto both = OpenBoth(kept, "kept", note, keys_, Language::kEnglish);
    if (!both) return static_cast<int>(both.error().code);
    const auto flaw = CheckGoesOn(proof, &*both, Language::kEnglish);
    return flaw ? static_cast<int>(flaw->code) : 0;
  }

  trail::NaiveTree tree_{std::vector<Hash>(20, Hash{1})};
  trail::NaiveTree fork_{std::vector<Hash>(20, Hash{2})};
  RootKeys keys_{.given = {}, .printed = trail::FormatVerifierKey(trail::LogKey(kRoot).verifier())};
};

TEST_F(RootSinceTest, GoesOnFromEverySize) {
  for (size_t old_size = 0; old_size <= 13; ++old_size) {
    EXPECT_EQ(Judge(NoteOf(tree_, old_size), NoteOf(tree_, 13), ProofOf(tree_, old_size, 13)), 0)
        << old_size;
  }
}

// The sizes and roots that stand beside the proof are nobody's word.
TEST_F(RootSinceTest, AProofOfOtherSizesThanTheTwoThatWereSignedIsNone) {
  for (size_t old_size = 1; old_size < 13; ++old_size) {
    EXPECT_NE(Judge(NoteOf(tree_, old_size), NoteOf(fork_, 13), ProofOf(tree_, old_size, old_size)),
              0)
        << old_size;
    EXPECT_NE(Judge(NoteOf(tree_, old_size), NoteOf(fork_, 13), ProofOf(tree_, old_size, 13)), 0);
    EXPECT_EQ(Judge(NoteOf(tree_, old_size), NoteOf(fork_, 13), ProofOf(fork_, old_size, 13)), 21);
  }
  EXPECT_EQ(Judge(NoteOf(tree_, 13), NoteOf(fork_, 13), ProofOf(tree_, 13, 13)), 21);
}

TEST_F(RootSinceTest, ALongerOneThatWasKeptIsTruncated) {
  EXPECT_EQ(Judge(NoteOf(tree_, 14), NoteOf(tree_, 13), {}), 22);
}

// One bit of the file accuses nobody.
TEST_F(RootSinceTest, AFileThatNoKeySignedIsNoEvidence) {
  const std::string kept = NoteOf(tree_, 7);
  const size_t root = kept.find('\n', kept.find('\n') + 1) + 1;
  for (const size_t at : {root, root + 5, kept.size() - 10}) {
    std::string damaged = kept;
    damaged[at] = damaged[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(Judge(damaged, NoteOf(tree_, 13), ProofOf(tree_, 7, 13)), 25) << at;
  }
  EXPECT_EQ(Judge(NoteOf(fork_, 7, {NextKey()}), NoteOf(tree_, 13), ProofOf(tree_, 7, 13)), 25);
  EXPECT_EQ(Judge("no note", NoteOf(tree_, 13), ProofOf(tree_, 7, 13)), 27);
}

TEST_F(RootSinceTest, WhatTheServerShowsIsSignedByTheSameKey) {
  const auto proof = ProofOf(tree_, 7, 13);
  EXPECT_EQ(Judge(NoteOf(tree_, 7), NoteOf(tree_, 13, {NextKey()}), proof), 25);
  EXPECT_EQ(Judge(NoteOf(tree_, 7), "no note", proof), 27);
  // A server that prints a key of its own has not signed what was kept.
  keys_.printed = trail::FormatVerifierKey(NextKey().verifier());
  EXPECT_EQ(Judge(NoteOf(tree_, 7), NoteOf(tree_, 13, {NextKey()}), proof), 25);
  // After a change of the key the holder gives both.
  keys_.given = {trail::LogKey(kRoot).verifier(), NextKey().verifier()};
  EXPECT_EQ(Judge(NoteOf(tree_, 7), NoteOf(tree_, 13, {NextKey()}), proof), 0);
  keys_.given = {trail::LogKey(kRoot).verifier()};
  EXPECT_EQ(Judge(NoteOf(tree_, 7), NoteOf(tree_, 13, {NextKey()}), proof), 25);
  EXPECT_EQ(Judge(NoteOf(tree_, 7), NoteOf(tree_, 13, {NextKey(), trail::LogKey(kRoot)}), proof),
            0);
}

TEST_F(RootSinceTest, AnotherLogIsAnotherOne) {
  constexpr std::string_view kOther = "audit.example/root/2";
  const std::string kept = NoteOf(tree_, 7, {trail::LogKey(kOther)}, kOther);
  EXPECT_EQ(Judge(kept, NoteOf(tree_, 13), ProofOf(tree_, 7, 13)), 26);
}

TEST_F(RootSinceTest, ADamagedProofAccusesNobody) {
  for (const size_t old_size : {7, 8}) {
    const std::string kept = NoteOf(tree_, old_size);
    auto proof = ProofOf(tree_, old_size, 13);
    proof.mutable_hashes(0)->front() ^= 1;
    EXPECT_EQ(Judge(kept, NoteOf(tree_, 13), proof), 20);
    proof.mutable_hashes(0)->pop_back();
    EXPECT_EQ(Judge(kept, NoteOf(tree_, 13), proof), 20);
    // What is no hash is not skipped.
    proof = ProofOf(tree_, old_size, 13);
    proof.add_hashes("short");
    EXPECT_EQ(Judge(kept, NoteOf(tree_, 13), proof), 20);
  }
}

}  // namespace
}  // namespace jalon::cli
