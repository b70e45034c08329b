#include "eventstore/trail/proof.h"

namespace jalon::trail {
namespace {

// Leaves [begin, end) of a tree, such that a proof names them: `begin` is a multiple of the
// smallest power of two that is no smaller than their number.
struct Range {
  uint64_t begin = 0;
  uint64_t end = 0;

  uint64_t size() const { return end - begin; }
  // Where the RFC splits it: the largest power of two below its size. REQUIRES: size() > 1.
  uint64_t Middle() const { return begin + std::bit_floor(size() - 1); }
};

// MTH of the range. Each step reads one full subtree, so there are at most 64.
Result<Hash> RangeRoot(Range range, const NodeReader& read) {
  std::vector<Hash> full;
  while (range.size() > 0) {
    const uint64_t width = std::bit_floor(range.size());
    const auto level = static_cast<unsigned>(std::countr_zero(width));
    JALON_ASSIGN_OR_RETURN(Hash root, read(Node{level, range.begin >> level}));
    full.push_back(root);
    range.begin += width;
  }
  if (full.empty()) return EmptyRoot();
  Hash root = full.back();
  for (size_t i = full.size() - 1; i-- > 0;) root = NodeHash(full[i], root);
  return root;
}

// The hashes of ranges that were met from the root down, which a proof has from the leaves up.
Result<Proof> ProofOf(const std::vector<Range>& ranges, const NodeReader& read) {
  Proof proof;
  for (size_t i = ranges.size(); i-- > 0;) {
    JALON_ASSIGN_OR_RETURN(const Hash hash, RangeRoot(ranges[i], read));
    proof.push_back(hash);
  }
  return proof;
}

bool IsOdd(uint64_t number) { return (number & 1) != 0; }

}  // namespace

Result<Hash> RootAt(uint64_t size, const NodeReader& read) { return RangeRoot({0, size}, read); }

Result<Proof> InclusionProof(uint64_t index, uint64_t size, const NodeReader& read) {
  JALON_CHECK(index < size);
  std::vector<Range> siblings;
  for (Range range{0, size}; range.size() > 1;) {
    const uint64_t middle = range.Middle();
    const bool is_left = index < middle;
    siblings.push_back(is_left ? Range{middle, range.end} : Range{range.begin, middle});
    range = is_left ? Range{range.begin, middle} : Range{middle, range.end};
  }
  return ProofOf(siblings, read);
}

Result<Proof> ConsistencyProof(uint64_t old_size, uint64_t size, const NodeReader& read) {
  JALON_CHECK(old_size <= size);
  if (old_size == 0) return Proof{};
  std::vector<Range> ranges;
  Range range{0, size};
  while (range.end != old_size) {
    const uint64_t middle = range.Middle();
    const bool is_left = old_size <= middle;
    ranges.push_back(is_left ? Range{middle, range.end} : Range{range.begin, middle});
    range = is_left ? Range{range.begin, middle} : Range{middle, range.end};
  }
  if (range.begin != 0) ranges.push_back(range);  // else it is the old tree, whose root is known
  return ProofOf(ranges, read);
}

// As RFC 9162 §2.1.3.2 has it.
std::optional<Hash> RootOfInclusion(uint64_t index, uint64_t size, const Hash& leaf,
                                    const Proof& proof) {
  if (index >= size) return std::nullopt;
  uint64_t last = size - 1;
  Hash root = leaf;
  for (const Hash& sibling : proof) {
    if (last == 0) return std::nullopt;
    if (IsOdd(index) || index == last) {
      root = NodeHash(sibling, root);
      for (; !IsOdd(index) && index != 0; index >>= 1) last >>= 1;
    } else {
      root = NodeHash(root, sibling);
    }
    index >>= 1;
    last >>= 1;
  }
  if (last != 0) return std::nullopt;
  return root;
}

bool VerifyInclusion(uint64_t index, uint64_t size, const Hash& leaf, const Proof& proof,
                     const Hash& root) {
  return RootOfInclusion(index, size, leaf, proof) == root;
}

namespace {

// Where a consistency proof leads.
struct Ways {
  Hash old_root;
  Hash root;
};

// As RFC 9162 §2.1.4.2 has it. `old_root`: the first full subtree, where that is the old tree; a
// proof has it otherwise. None: it has not just the length that it must have.
std::optional<Ways> Follow(uint64_t old_size, const Hash& old_root, uint64_t size,
                           const Proof& proof) {
  uint64_t index = old_size - 1;
  uint64_t last = size - 1;
  for (; IsOdd(index); index >>= 1) last >>= 1;
  auto next = proof.begin();
  Ways ways{.old_root = old_root, .root = old_root};
  if (!std::has_single_bit(old_size)) {
    if (next == proof.end()) return std::nullopt;
    ways = {.old_root = *next, .root = *next};
    ++next;
  }
  for (; next != proof.end(); ++next) {
    if (last == 0) return std::nullopt;
    if (IsOdd(index) || index == last) {
      ways.old_root = NodeHash(*next, ways.old_root);
      ways.root = NodeHash(*next, ways.root);
      for (; !IsOdd(index) && index != 0; index >>= 1) last >>= 1;
    } else {
      ways.root = NodeHash(ways.root, *next);
    }
    index >>= 1;
    last >>= 1;
  }
  if (last != 0) return std::nullopt;
  return ways;
}

}  // namespace

bool VerifyConsistency(uint64_t old_size, const Hash& old_root, uint64_t size, const Hash& root,
                       const Proof& proof) {
  if (old_size > size) return false;
  if (old_size == size) return proof.empty() && old_root == root;
  if (old_size == 0) return proof.empty() && old_root == EmptyRoot();
  const auto ways = Follow(old_size, old_root, size, proof);
  return ways && ways->old_root == old_root && ways->root == root;
}

std::optional<Hash> OldRootOfConsistency(uint64_t old_size, uint64_t size, const Hash& root,
                                         const Proof& proof) {
  JALON_CHECK(0 < old_size && old_size < size);
  if (std::has_single_bit(old_size)) return std::nullopt;
  const auto ways = Follow(old_size, Hash{}, size, proof);
  if (!ways || ways->root != root) return std::nullopt;
  return ways->old_root;
}

std::optional<Hash> OldRootOfInclusion(uint64_t old_size, uint64_t size, const Hash& leaf,
                                       const Proof& proof, const Hash& root) {
  JALON_CHECK(std::has_single_bit(old_size) && old_size < size);
  if (!VerifyInclusion(old_size, size, leaf, proof, root)) return std::nullopt;
  // Up to the level of that tree each sibling stands at the right, where there is one at all.
  size_t before = 0;
  for (uint64_t index = old_size, last = size - 1; !IsOdd(index); index >>= 1, last >>= 1) {
    if (index != last) ++before;
  }
  return proof.at(before);
}

}  // namespace jalon::trail
