// A company's trail as the view trails keeps it: its tree, and where its entries lie in the log.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "eventstore/base/hash.h"
#include "eventstore/base/ids.h"

namespace jalon::projections {

// All that going on needs (eventstore/trail/tree.h).
struct TrailRow {
  uint64_t size = 0;        // entries
  std::vector<Hash> roots;  // of the full subtrees, largest first: one for each bit of the size

  bool IsTree() const { return roots.size() == static_cast<size_t>(std::popcount(size)); }

  void Fields(auto& archive) { archive(size, roots); }
  bool operator==(const TrailRow&) const = default;
};

// The root of a full subtree.
struct TrailNodeRow {
  Hash hash{};

  void Fields(auto& archive) { archive(hash); }
  bool operator==(const TrailNodeRow&) const = default;
};

// The event that an entry is. The partition is the school's.
struct TrailPositionRow {
  Seq seq;             // of its record
  Offset offset;       // of that record, in this life of the log
  uint32_t index = 0;  // of the event in it

  void Fields(auto& archive) { archive(seq, offset, index); }
  bool operator==(const TrailPositionRow&) const = default;
};

}  // namespace jalon::projections
