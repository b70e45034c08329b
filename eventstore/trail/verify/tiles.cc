#include "eventstore/trail/verify/tiles.h"

#include "eventstore/trail/verify/file.h"

namespace jalon::trail {
namespace {

constexpr size_t kFullTileBytes = kTileWidth * sizeof(Hash);

Hash HashAt(std::string_view tile, uint64_t position) {
  return HashFrom(tile.substr(position * sizeof(Hash), sizeof(Hash)));
}

// The root of a full tile's subtree.
Hash RootOf(std::string_view tile) {
  Frontier frontier;
  for (uint64_t i = 0; i < kTileWidth; ++i) frontier.Append(HashAt(tile, i));
  return frontier.Root();
}

// The root that the partial tiles of all levels make; none if one is not there.
Result<std::optional<Hash>> RootOfEdge(const std::string& folder, uint64_t size) {
  Frontier frontier;
  for (unsigned level = kTileLevels; level-- > 0;) {
    const uint64_t width = HashesAt(level, size) % kTileWidth;
    if (width == 0) continue;
    const Tile tile = TileOf(level, HashesAt(level, size) - 1, size);
    JALON_ASSIGN_OR_RETURN(const auto bytes, ReadTile(folder, tile));
    if (!bytes) return std::nullopt;
    for (uint64_t i = 0; i < width; ++i) {
      frontier.AppendSubtree(level * kTileLevels, HashAt(*bytes, i));
    }
  }
  return frontier.Root();
}

}  // namespace

Result<std::optional<std::string>> ReadTile(const std::string& folder, const Tile& tile) {
  std::string bytes;
  JALON_ASSIGN_OR_RETURN(const FileRead read,
                         ReadInto(folder + '/' + TilePath(tile), kFullTileBytes, &bytes));
  if (read != FileRead::kWhole || bytes.size() != tile.width * sizeof(Hash)) return std::nullopt;
  return bytes;
}

Result<void> TileCheck::Add(Node node, const Hash& root) {
  const unsigned level = node.level / kTileLevels;
  if (node.level % kTileLevels != 0 || level == 0) return {};
  std::string& tile = tiles_[level];
  tile += View(root);
  if (tile.size() < kFullTileBytes) return {};
  JALON_RETURN_IF_ERROR(Compare({level, node.index / kTileWidth, kTileWidth}, tile));
  tile.clear();
  return {};
}

Result<void> TileCheck::Finish() {
  for (unsigned level = 1; level < kTileLevels; ++level) {
    if (tiles_[level].empty()) continue;
    JALON_RETURN_IF_ERROR(Compare(TileOf(level, HashesAt(level, size_) - 1, size_), tiles_[level]));
  }
  return {};
}

Result<void> TileCheck::Compare(const Tile& tile, const std::string& computed) {
  std::string stored;
  JALON_ASSIGN_OR_RETURN(const FileRead read,
                         ReadInto(folder_ + '/' + TilePath(tile), kFullTileBytes, &stored));
  if (read == FileRead::kWhole && stored == computed) return {};
  Finding finding{.flaw = Flaw::kFileLength, .file = TilePath(tile)};
  if (read == FileRead::kMissing) {
    finding.flaw = Flaw::kFileMissing;
  } else if (stored.size() == computed.size()) {
    uint64_t position = 0;
    while (HashAt(stored, position) == HashAt(computed, position)) ++position;
    finding.flaw = Flaw::kTileChanged;
    finding.number = position;
    const unsigned bits = tile.level * kTileLevels;
    const uint64_t below = tile.index * kTileWidth + position;
    if (!unlike_) unlike_ = Run{below << bits, ((below + 1) << bits) - 1};
  }
  findings_.Add(std::move(finding));
  return {};
}

Result<bool> IsOfSignedTree(const std::string& folder, const Tile& tile,
                            const Checkpoint& checkpoint) {
  Tile at = tile;
  while (at.width == kTileWidth) {
    const Tile above = TileOf(at.level + 1, at.index, checkpoint.size);
    JALON_ASSIGN_OR_RETURN(const auto bytes, ReadTile(folder, at));
    JALON_ASSIGN_OR_RETURN(const auto known, ReadTile(folder, above));
    if (!bytes || !known || HashAt(*known, at.index % kTileWidth) != RootOf(*bytes)) return false;
    at = above;
  }
  JALON_ASSIGN_OR_RETURN(const auto root, RootOfEdge(folder, checkpoint.size));
  return root == checkpoint.root;
}

}  // namespace jalon::trail
