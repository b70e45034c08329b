// Inclusion and consistency proofs of RFC 6962 §2.1.1 and §2.1.2: made from the hashes of full
// subtrees, and verified.
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "eventstore/base/result.h"
#include "eventstore/trail/tree.h"

namespace jalon::trail {

// A proof's hashes in the order of the RFC: those nearest to the leaves first. At most 63 in an
// inclusion proof, 64 in one of consistency.
using Proof = std::vector<Hash>;
inline constexpr size_t kInclusionHashesMax = 63;

// Gives the root of a full subtree of the tree; an error of its own ends the making of a proof.
using NodeReader = std::function<Result<Hash>(Node)>;

// The root that the tree had at `size`. Reads at most 64 nodes.
Result<Hash> RootAt(uint64_t size, const NodeReader& read);

// That the leaf `index` is in the tree of `size` leaves. REQUIRES: index < size.
Result<Proof> InclusionProof(uint64_t index, uint64_t size, const NodeReader& read);

// That the tree of `size` leaves begins with that of `old_size`. Empty, and proves nothing, where
// old_size is 0 or size. REQUIRES: old_size <= size.
Result<Proof> ConsistencyProof(uint64_t old_size, uint64_t size, const NodeReader& read);

// The root to which an inclusion proof leads; none if the index is not below the size, or the proof
// has not just the length that it must have.
std::optional<Hash> RootOfInclusion(uint64_t index, uint64_t size, const Hash& leaf,
                                    const Proof& proof);

// The proof shows it, with no hash too few or too many.
bool VerifyInclusion(uint64_t index, uint64_t size, const Hash& leaf, const Proof& proof,
                     const Hash& root);
bool VerifyConsistency(uint64_t old_size, const Hash& old_root, uint64_t size, const Hash& root,
                       const Proof& proof);

// The root that the tree of that root had at `old_size`, as a consistency proof shows it, whatever
// anybody kept of it. None if the proof does not lead to the root; and for an old size that is a
// power of two, whose root a proof leaves out. REQUIRES: 0 < old_size < size.
std::optional<Hash> OldRootOfConsistency(uint64_t old_size, uint64_t size, const Hash& root,
                                         const Proof& proof);
// The same for an old size that is a power of two: the inclusion proof of the entry after it holds
// that root, as its one hash from the left. None if that proof does not lead to the root. REQUIRES:
// 0 < old_size < size, and it is a power of two.
std::optional<Hash> OldRootOfInclusion(uint64_t old_size, uint64_t size, const Hash& leaf,
                                       const Proof& proof, const Hash& root);

}  // namespace jalon::trail
