// The tree of one log, from its rows: size, roots, and proofs at any size it ever had.
//
// Thread safety: none; one call's own. It keeps the groups of rows read last, two of each level and
// 512 bytes each, so that the nodes of one proof read a group once.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "eventstore/base/result.h"
#include "eventstore/trail/proof.h"
#include "eventstore/trail/tile.h"
#include "eventstore/trail/tree.h"
#include "projections/trail/trail_rows.h"
#include "projections/views/tree_rows.h"

namespace jalon::projections {

struct TreeState {
  uint64_t size = 0;
  Hash root{};
};

// Errors: those of reading; DATA_LOSS INTERNAL if rows are missing or malformed.
class TrailTree {
 public:
  // Borrows the rows. `name`: 8 bytes, of a company where it is its trail (tree_rows.h).
  TrailTree(const TrailRows& rows, std::string_view name) : rows_(rows), name_(name) {}

  // How many entries it has; 0 where there never was one.
  Result<uint64_t> Size() const;
  // As it is now.
  Result<TreeState> Now() const;
  // The same, to go on from.
  Result<trail::Frontier> Frontier() const;

  // The hash of an entry as a leaf. REQUIRES: index < Size().
  Result<Hash> Leaf(uint64_t index) { return Read({.level = 0, .index = index}); }
  // REQUIRES, of all three: size <= Size(). As in eventstore/trail/proof.h.
  Result<Hash> RootAt(uint64_t size);
  // REQUIRES: index < size.
  Result<trail::Proof> InclusionProof(uint64_t index, uint64_t size);
  // REQUIRES: old_size <= size.
  Result<trail::Proof> ConsistencyProof(uint64_t old_size, uint64_t size);
  // The root of a full subtree. REQUIRES: it ends at Size() at the latest.
  Result<Hash> Read(trail::Node node);

 private:
  struct Group {
    uint64_t index = 0;
    size_t count = 0;  // 0: none was read
    std::array<Hash, kTreeGroup> hashes{};
  };
  // A proof at the end of a tree reads the last one, and beside a border the one before.
  using Groups = std::array<Group, 2>;

  Result<TreeRow> Head() const;
  // The hashes of a group, as many as are there.
  Result<const Group*> ReadGroup(unsigned level, uint64_t index);

  const TrailRows& rows_;
  const Bytes name_;
  std::array<Groups, 64 / kTreeRowLevels> groups_;  // by level of rows; the last one read first
};

}  // namespace jalon::projections
