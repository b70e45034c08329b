#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "eventstore/trail/proof.h"
#include "eventstore/trail/trail_testing.h"
#include "eventstore/trail/tree.h"

namespace jalon::trail {
namespace {

constexpr size_t kSizeMax = 300;

// The reference roots, by size (published with the reference leaves).
constexpr const char* kRoots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

constexpr const char* kBc1a = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
constexpr const char* kCa85 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
constexpr const char* kD37e = kRoots[4];
constexpr const char* k96a2 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
constexpr const char* k5f08 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
constexpr const char* k6b47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
constexpr const char* k0ebc = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";

Proof ProofOf(std::initializer_list<const char*> hashes) {
  Proof proof;
  for (const char* hash : hashes) proof.push_back(HashOf(hash));
  return proof;
}

// A tree grown leaf by leaf, with the rows that it said to keep.
struct Grown {
  explicit Grown(const std::vector<Hash>& leaves) {
    for (const Hash& leaf : leaves) {
      frontier.Append(leaf, [this](Node node, const Hash& hash) {
        const bool is_new = rows.emplace(std::tuple(node.level, node.index), hash).second;
        EXPECT_TRUE(is_new);  // what is full never changes
      });
    }
  }
  NodeReader Reader() const {
    return [this](Node node) -> Result<Hash> {
      const auto row = rows.find(std::tuple(node.level, node.index));
      if (row == rows.end()) return Fail(Code::kInternal, "INTERNAL", "no such node");
      return row->second;
    };
  }

  Frontier frontier;
  std::map<std::tuple<unsigned, uint64_t>, Hash> rows;
};

std::vector<Hash> ManyLeaves() {
  std::vector<Hash> leaves;
  for (size_t i = 0; i < kSizeMax; ++i) leaves.push_back(LeafHash(std::to_string(i)));
  return leaves;
}

TEST(TreeTest, GrowsToTheReferenceRoots) {
  const std::vector<std::string> entries = ReferenceEntries();
  Frontier frontier;
  EXPECT_EQ(frontier.Root(), HashOf(kRoots[0]));
  EXPECT_EQ(EmptyRoot(), HashOf(kRoots[0]));
  for (size_t size = 1; size <= entries.size(); ++size) {
    frontier.Append(LeafHash(entries[size - 1]));
    EXPECT_EQ(frontier.size(), size);
    EXPECT_EQ(frontier.Root(), HashOf(kRoots[size])) << size;
  }
}

TEST(TreeTest, MakesTheReferenceProofs) {
  const Grown tree(LeavesOf(ReferenceEntries()));
  EXPECT_EQ(InclusionProof(5, 8, tree.Reader()), ProofOf({kBc1a, kCa85, kD37e}));
  EXPECT_EQ(InclusionProof(2, 3, tree.Reader()), ProofOf({kRoots[2]}));
  EXPECT_EQ(ConsistencyProof(1, 8, tree.Reader()), ProofOf({k96a2, k5f08, k6b47}));
  EXPECT_EQ(ConsistencyProof(6, 8, tree.Reader()), ProofOf({k0ebc, kCa85, kD37e}));
  EXPECT_EQ(ConsistencyProof(2, 5, tree.Reader()), ProofOf({k5f08, kBc1a}));
  EXPECT_EQ(ConsistencyProof(4, 8, tree.Reader()), ProofOf({k6b47}));
}

TEST(TreeTest, GoesOnFromItsFrontierAlone) {
  const std::vector<Hash> leaves = ManyLeaves();
  const Hash root = NaiveTree(leaves).Root(kSizeMax);
  for (size_t cut = 0; cut <= kSizeMax; ++cut) {
    const Grown before({leaves.begin(), leaves.begin() + cut});
    auto resumed = Frontier::Resume(cut, before.frontier.roots());
    ASSERT_TRUE(resumed);
    for (size_t i = cut; i < kSizeMax; ++i) resumed->Append(leaves[i]);
    EXPECT_EQ(resumed->Root(), root) << cut;
  }
  EXPECT_FALSE(Frontier::Resume(3, {leaves[0]}));
  EXPECT_FALSE(Frontier::Resume(0, {leaves[0]}));
}

TEST(TreeTest, GrowsBySubtreesAsByLeaves) {
  NaiveTree naive(ManyLeaves());
  for (unsigned level = 0; level <= 8; ++level) {
    const size_t width = size_t{1} << level;
    Frontier frontier;
    size_t done = 0;
    for (; done + width <= kSizeMax; done += width) {
      frontier.AppendSubtree(level, naive.Root(done, done + width));
    }
    for (; done < kSizeMax; ++done) frontier.Append(naive.leaf(done));
    EXPECT_EQ(frontier.Root(), naive.Root(kSizeMax)) << level;
  }
}

TEST(ProofTest, EveryProofOfEverySizeIsTheNaiveOneAndHolds) {
  NaiveTree naive(ManyLeaves());
  const Grown tree(ManyLeaves());
  for (size_t size = 0; size <= kSizeMax; ++size) {
    const Hash root = naive.Root(size);
    ASSERT_EQ(RootAt(size, tree.Reader()), root) << size;
    for (size_t index = 0; index < size; ++index) {
      const auto proof = InclusionProof(index, size, tree.Reader());
      ASSERT_EQ(proof, naive.Inclusion(index, size)) << index << " in " << size;
      ASSERT_TRUE(VerifyInclusion(index, size, naive.leaf(index), *proof, root));
    }
    for (size_t old_size = 0; old_size <= size; ++old_size) {
      const auto proof = ConsistencyProof(old_size, size, tree.Reader());
      ASSERT_EQ(proof, naive.Consistency(old_size, size)) << old_size << " to " << size;
      ASSERT_TRUE(VerifyConsistency(old_size, naive.Root(old_size), size, root, *proof));
    }
  }
}

// Every proof that differs from the right one in one thing.
std::vector<Proof> Forgeries(const Proof& proof) {
  std::vector<Proof> forged;
  for (size_t i = 0; i < proof.size(); ++i) {
    Proof changed = proof;
    changed[i][i % sizeof(Hash)] ^= 1;
    forged.push_back(changed);
    Proof shorter = proof;
    shorter.erase(shorter.begin() + static_cast<ptrdiff_t>(i));
    forged.push_back(shorter);
    Proof longer = proof;
    longer.insert(longer.begin() + static_cast<ptrdiff_t>(i), proof[i]);
    forged.push_back(longer);
  }
  Proof behind = proof;
  behind.push_back(Hash{});
  forged.push_back(behind);
  return forged;
}

TEST(ProofTest, ForgedInclusionFails) {
  NaiveTree naive(ManyLeaves());
  for (const size_t size : {1, 2, 3, 7, 8, 9, 64, 65, 100, 255, 256, 257, 300}) {
    const Hash root = naive.Root(size);
    for (size_t index = 0; index < size; ++index) {
      const Proof proof = naive.Inclusion(index, size);
      for (const Proof& forged : Forgeries(proof)) {
        ASSERT_FALSE(VerifyInclusion(index, size, naive.leaf(index), forged, root));
      }
      ASSERT_FALSE(VerifyInclusion(index, size, Hash{}, proof, root));
      ASSERT_FALSE(VerifyInclusion(index, size, naive.leaf(index), proof, Hash{}));
      ASSERT_FALSE(VerifyInclusion(index + 1, size, naive.leaf(index), proof, root));
      ASSERT_FALSE(VerifyInclusion(size, size, naive.leaf(index), proof, root));
    }
  }
}

TEST(ProofTest, ForgedConsistencyFails) {
  NaiveTree naive(ManyLeaves());
  for (const size_t size : {2, 3, 7, 8, 9, 64, 65, 100, 255, 256, 257, 300}) {
    const Hash root = naive.Root(size);
    for (size_t old_size = 1; old_size <= size; ++old_size) {
      const Hash old_root = naive.Root(old_size);
      const Proof proof = naive.Consistency(old_size, size);
      for (const Proof& forged : Forgeries(proof)) {
        ASSERT_FALSE(VerifyConsistency(old_size, old_root, size, root, forged));
      }
      ASSERT_FALSE(VerifyConsistency(old_size, Hash{}, size, root, proof));
      ASSERT_FALSE(VerifyConsistency(old_size, old_root, size, Hash{}, proof));
    }
    ASSERT_FALSE(VerifyConsistency(size + 1, root, size, root, {}));
    ASSERT_FALSE(VerifyConsistency(0, root, size, root, {}));
  }
}

// Even to the root that a shorter one does lead to: a node must not pass for a tree.
TEST(ProofTest, AProofOfAnotherLengthIsRefusedWhateverItLeadsTo) {
  NaiveTree naive(ManyLeaves());
  for (const size_t size : {2, 3, 8, 100, 257}) {
    for (size_t index = 0; index < size; ++index) {
      const Proof whole = naive.Inclusion(index, size);
      Hash node = naive.leaf(index);
      for (size_t length = 0; length < whole.size(); ++length) {
        const Proof proof(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length));
        ASSERT_FALSE(VerifyInclusion(index, size, naive.leaf(index), proof, node));
        ASSERT_FALSE(RootOfInclusion(index, size, naive.leaf(index), proof));
        node = *RootOfInclusion(0, 2, node, {whole[length]});
      }
    }
  }
  // From the first two of eight leaves, with the last step of the proof left out.
  ASSERT_FALSE(VerifyConsistency(2, naive.Root(2), 8, naive.Root(4), {naive.Root(2, 4)}));
}

// A tree that was rewritten before the old one's end has no consistency proof at all.
TEST(ProofTest, AForkHasNoConsistencyProof) {
  NaiveTree naive(ManyLeaves());
  for (size_t forked_at = 0; forked_at < 40; ++forked_at) {
    std::vector<Hash> leaves = ManyLeaves();
    leaves.resize(41);
    leaves[forked_at] = Hash{};
    NaiveTree fork(leaves);
    const Hash root = fork.Root(fork.size());
    for (size_t old_size = forked_at + 1; old_size <= 40; ++old_size) {
      const Hash old_root = naive.Root(old_size);
      for (const Proof& proof :
           {naive.Consistency(old_size, fork.size()), fork.Consistency(old_size, fork.size())}) {
        ASSERT_FALSE(VerifyConsistency(old_size, old_root, fork.size(), root, proof));
      }
    }
  }
}

}  // namespace
}  // namespace jalon::trail
