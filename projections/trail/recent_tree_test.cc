// Held against a tree that keeps everything.
#include "projections/trail/recent_tree.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "eventstore/trail/proof.h"

namespace jalon::projections {
namespace {

constexpr uint64_t kSizes = 70;

Hash LeafOf(uint64_t index) { return trail::LeafHash("entry " + std::to_string(index)); }

trail::Frontier FrontierAt(uint64_t size) {
  trail::Frontier frontier;
  for (uint64_t i = 0; i < size; ++i) frontier.Append(LeafOf(i));
  return frontier;
}

trail::NodeReader ReaderOf(const RecentTree& tree) {
  return [&tree](trail::Node node) -> Result<Hash> {
    if (const Hash* hash = tree.Find(node)) return *hash;
    return Fail(Code::kNotFound, "NOT_FOUND", "not kept");
  };
}

// All that can be asked of it is so.
void Check(const RecentTree& tree) {
  EXPECT_EQ(tree.Root(), FrontierAt(tree.size()).Root());
  for (uint64_t size = tree.begin(); size <= tree.size(); ++size) {
    const Hash root = FrontierAt(size).Root();
    for (uint64_t i = tree.begin(); i < size; ++i) {
      const auto proof = trail::InclusionProof(i, size, ReaderOf(tree));
      ASSERT_TRUE(proof) << i << " in " << size << " from " << tree.begin();
      EXPECT_TRUE(trail::VerifyInclusion(i, size, LeafOf(i), *proof, root)) << i << " in " << size;
    }
    const auto proof = trail::ConsistencyProof(size, tree.size(), ReaderOf(tree));
    ASSERT_TRUE(proof) << size << " to " << tree.size();
    EXPECT_TRUE(size == 0 ||
                trail::VerifyConsistency(size, root, tree.size(), tree.Root(), *proof));
  }
}

TEST(RecentTreeTest, ProvesWhatWasAppendedSinceAnySize) {
  for (uint64_t begin = 0; begin < kSizes; ++begin) {
    RecentTree tree(FrontierAt(begin));
    for (uint64_t i = begin; i < begin + 20; ++i) tree.Append(LeafOf(i));
    EXPECT_EQ(tree.begin(), begin);
    Check(tree);
  }
}

TEST(RecentTreeTest, ForgetsAndProvesTheRest) {
  std::mt19937_64 random(1);
  RecentTree tree(FrontierAt(5));
  for (uint64_t i = 5; i < 5 + kSizes; ++i) {
    tree.Append(LeafOf(i));
    if (random() % 3 == 0) tree.ForgetBefore(tree.size() - random() % 9);
    Check(tree);
  }
  EXPECT_GT(tree.begin(), 40u);
  tree.ForgetBefore(tree.size());
  Check(tree);
}

TEST(RecentTreeTest, WhatIsForgottenIsNotProven) {
  RecentTree tree(FrontierAt(8));
  for (uint64_t i = 8; i < 24; ++i) tree.Append(LeafOf(i));
  tree.ForgetBefore(20);
  EXPECT_FALSE(trail::InclusionProof(9, 24, ReaderOf(tree)));
  EXPECT_FALSE(trail::InclusionProof(3, 24, ReaderOf(tree)));
  EXPECT_FALSE(trail::ConsistencyProof(9, 24, ReaderOf(tree)));
}

}  // namespace
}  // namespace jalon::projections
