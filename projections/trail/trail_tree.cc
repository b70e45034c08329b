#include "projections/trail/trail_tree.h"

#include <utility>

#include "eventstore/base/archive.h"
#include "eventstore/trail/tree.h"
#include "projections/views/tree_rows.h"

namespace jalon::projections {

Result<TreeRow> TrailTree::Head() const {
  JALON_ASSIGN_OR_RETURN(const auto bytes, rows_.get(TreeKey(Key(), name_)));
  TreeRow row;
  if (bytes && (!Decode(*bytes, &row) || !row.IsTree())) return TrailRowsBroken();
  return row;
}

Result<uint64_t> TrailTree::Size() const {
  JALON_ASSIGN_OR_RETURN(const TreeRow head, Head());
  return head.size;
}

Result<TreeState> TrailTree::Now() const {
  JALON_ASSIGN_OR_RETURN(TreeRow head, Head());
  return TreeState{.size = head.size,
                   .root = trail::Frontier::Resume(head.size, std::move(head.roots))->Root()};
}

Result<Hash> TrailTree::RootAt(uint64_t size) {
  return trail::RootAt(size, [this](trail::Node node) { return Read(node); });
}

Result<trail::Proof> TrailTree::InclusionProof(uint64_t index, uint64_t size) {
  return trail::InclusionProof(index, size, [this](trail::Node node) { return Read(node); });
}

Result<trail::Proof> TrailTree::ConsistencyProof(uint64_t old_size, uint64_t size) {
  return trail::ConsistencyProof(old_size, size, [this](trail::Node node) { return Read(node); });
}

// A node stands over 2^levels hashes, side by side in one tile: they are hashed up to it.
Result<Hash> TrailTree::Read(trail::Node node) {
  const unsigned level = node.level / trail::kTileLevels;
  const unsigned levels = node.level % trail::kTileLevels;
  const uint64_t first = node.index << levels;
  const size_t at = first % trail::kTileWidth;
  const size_t width = size_t{1} << levels;
  JALON_ASSIGN_OR_RETURN(const std::vector<Hash>* tile, ReadTile(level, first / trail::kTileWidth));
  if (at + width > tile->size()) return TrailRowsBroken();
  std::vector<Hash> hashes(tile->begin() + static_cast<ptrdiff_t>(at),
                           tile->begin() + static_cast<ptrdiff_t>(at + width));
  for (size_t left = width; left > 1; left /= 2) {
    for (size_t i = 0; i < left / 2; ++i) {
      hashes[i] = trail::NodeHash(hashes[2 * i], hashes[2 * i + 1]);
    }
  }
  return hashes[0];
}

Result<const std::vector<Hash>*> TrailTree::ReadTile(unsigned level, uint64_t index) {
  CachedTile& tile = tiles_.at(level);
  if (!tile.hashes.empty() && tile.index == index) return &tile.hashes;
  tile = {.index = index, .hashes = {}};
  tile.hashes.reserve(trail::kTileWidth);
  bool whole = true;
  JALON_RETURN_IF_ERROR(rows_.scan(TreeTilePrefix(Key(), name_, level, index), {},
                                   [&](std::string_view key, std::string_view bytes) {
                                     TreeNodeRow row;
                                     // They stand side by side, each in its place.
                                     whole = static_cast<uint8_t>(key.back()) ==
                                                 tile.hashes.size() % trail::kTileWidth &&
                                             Decode(bytes, &row);
                                     tile.hashes.push_back(row.hash);
                                     return whole;
                                   }));
  if (!whole) {
    tile = {};
    return TrailRowsBroken();
  }
  return &tile.hashes;
}

}  // namespace jalon::projections
