// The tree of a verifiable log as rows of a view. Several logs stand side by side under a scope
// (the first 16 bytes of a key: a school, or all of a partition), each with a name of 8 bytes.
//
// Keys, after the scope:
//   'H' ‖ name (8)                                  TreeRow: size and frontier
//   'L' ‖ name (8) ‖ level (1) ‖ position (8)       TreeNodeRow: the root of a full subtree of
//                                                   256^level leaves; level 0: a leaf
// Numbers are big-endian. A tile of C2SP tlog-tiles is the at most 256 'L' rows whose keys are
// alike but for the last byte: an append writes its own rows and never one of 8 KiB.
//
// Example: after its 257th entry, log 0102030405060708 has, beside H,
//   'L' ‖ 0102030405060708 ‖ 00 ‖ 0000000000000000 … 0000000000000100     257 leaves: two tiles
//   'L' ‖ 0102030405060708 ‖ 01 ‖ 0000000000000000                        the first tile's root
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
// The `position`th hash at a level of tiles.
Key TreeNodeKey(Key scope, std::string_view name, unsigned level, uint64_t position);
// The prefixes of the heads of all trees, of a level of tiles of one, and of one tile.
Key TreesPrefix(Key scope);
Key TreeNodesPrefix(Key scope, std::string_view name, unsigned level);
Key TreeTilePrefix(Key scope, std::string_view name, unsigned level, uint64_t tile);

// Appends a leaf to the tree whose head is `row`, and writes the rows of what it makes full.
void AppendLeaf(const Hash& leaf, std::string_view scope, std::string_view name, TreeRow& row,
                ViewRows& rows);

// The rows of a view that are of trees; null for others, and for bytes that are none.
bool IsTreeRow(std::string_view key);
std::unique_ptr<ViewRow> MakeTreeRow(std::string_view key);
std::unique_ptr<ViewRow> DecodeTreeRow(std::string_view key, std::string_view bytes);

}  // namespace jalon::projections
