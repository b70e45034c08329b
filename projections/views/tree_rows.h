// The tree of a verifiable log as rows of a view. Several logs stand side by side under a scope
// (the first 16 bytes of a key: a school, or all of a partition), each with a name of 8 bytes.
//
// Keys, after the scope:
//   'H' ‖ name (8)                                  TreeRow: size and frontier
//   'L' ‖ name (8) ‖ level (1) ‖ group (8) ‖ place (1)   TreeNodeRow: the root of a full subtree
//                                                   of 16^level leaves; level 0: a leaf. It is the
//                                                   (16 group + place)th of its level
// Numbers are big-endian. A group is the at most 16 rows whose keys are alike but for the last
// byte, and the row above is their root: what a proof reads and hashes of each level. (With tiles
// of 256 alone it hashed 255 nodes of each: most of its time.) An append writes its own row, and
// one more for each sixteen. Those of even levels are the hashes of C2SP tlog-tiles.
//
// Example: after its 257th entry, log 0102030405060708 has, beside H,
//   'L' ‖ 0102030405060708 ‖ 00 ‖ 0000000000000000 ‖ 00 …                 257 leaves: 17 groups
//   'L' ‖ 0102030405060708 ‖ 01 ‖ 0000000000000000 ‖ 00 …                 16 roots: one group
//   'L' ‖ 0102030405060708 ‖ 02 ‖ 0000000000000000 ‖ 00                   the root of that
//
// Thread safety: any thread.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "eventstore/base/hash.h"
#include "eventstore/base/ids.h"
#include "projections/engine/view.h"
#include "projections/views/key.h"

namespace jalon::projections {

inline constexpr size_t kTreeScopeBytes = 16;
inline constexpr size_t kTreeNameBytes = 8;
// Between two levels of rows, in levels of the tree; and how many rows make one of the level above.
inline constexpr unsigned kTreeRowLevels = 4;
inline constexpr uint64_t kTreeGroup = 16;
static_assert(kTreeGroup == uint64_t{1} << kTreeRowLevels);

// The scope of what is no school's alone, but its partition's: 16 bytes 0. And the name of a tree
// that is alone in its scope.
Bytes PartitionScope();
std::string_view OnlyTree();

// All that going on needs (eventstore/trail/tree.h).
struct TreeRow {
  uint64_t size = 0;        // entries
  std::vector<Hash> roots;  // of the full subtrees, largest first: one for each bit of the size

  bool IsTree() const { return roots.size() == static_cast<size_t>(std::popcount(size)); }

  void Fields(auto& archive) { archive(size, roots); }
  bool operator==(const TreeRow&) const = default;
};

// The root of a full subtree.
struct TreeNodeRow {
  Hash hash{};

  void Fields(auto& archive) { archive(hash); }
  bool operator==(const TreeNodeRow&) const = default;
};

// Each begins with `scope`: the scope's bytes, or nothing for what follows them.
Key TreeKey(Key scope, std::string_view name);
// The `position`th hash at a level of rows.
Key TreeNodeKey(Key scope, std::string_view name, unsigned level, uint64_t position);
// The prefixes of the heads of all trees, of a level of rows of one, and of one group.
Key TreesPrefix(Key scope);
Key TreeNodesPrefix(Key scope, std::string_view name, unsigned level);
Key TreeGroupPrefix(Key scope, std::string_view name, unsigned level, uint64_t group);

// Appends a leaf to the tree whose head is `row`, and writes the rows of what it makes full.
void AppendLeaf(const Hash& leaf, std::string_view scope, std::string_view name, TreeRow& row,
                ViewRows& rows);

// The rows of a view that are of trees; null for others, and for bytes that are none.
bool IsTreeRow(std::string_view key);
std::unique_ptr<ViewRow> MakeTreeRow(std::string_view key);
std::unique_ptr<ViewRow> DecodeTreeRow(std::string_view key, std::string_view bytes);

}  // namespace jalon::projections
