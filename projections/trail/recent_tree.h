// The end of a growing tree in memory: proofs of its last entries, of which nothing has to be read.
//
// Thread safety: none; one thread's own.
#pragma once

#include <array>
#include <cstdint>
#include <deque>

#include "eventstore/base/hash.h"
#include "eventstore/trail/tree.h"

namespace jalon::projections {

class RecentTree {
 public:
  // Goes on from there; it proves of no entry before.
  explicit RecentTree(trail::Frontier begin);

  void Append(const Hash& leaf);

  uint64_t size() const { return frontier_.size(); }
  Hash Root() const { return frontier_.Root(); }
  // The first entry that can be proven.
  uint64_t begin() const { return begin_; }
  // Lets go of what only proofs of entries before need. REQUIRES: index <= size().
  void ForgetBefore(uint64_t index);

  // The root of a full subtree; null if it is not known. What a proof of an entry from begin() on
  // reads is, at any size beyond it; and what shows that the tree of such a size is a beginning.
  const Hash* Find(trail::Node node) const;

 private:
  // The full subtrees of one level, side by side.
  struct Level {
    uint64_t first = 0;
    std::deque<Hash> hashes = {};
  };

  trail::Frontier frontier_;
  uint64_t begin_;
  std::array<Level, 64> levels_;
};

}  // namespace jalon::projections
