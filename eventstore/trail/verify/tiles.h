// The stored tiles of an export, each held against what the entries say or what was signed.
//
// Thread safety: none.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "eventstore/base/result.h"
#include "eventstore/trail/tile.h"
#include "eventstore/trail/tree.h"
#include "eventstore/trail/verify/first_findings.h"
#include "eventstore/trail/verify/verify.h"

namespace jalon::trail {

// The bytes of a tile; none if it is not there, or has another length.
Result<std::optional<std::string>> ReadTile(const std::string& folder, const Tile& tile);

// The tiles above level 0 of a tree of `size` leaves, as the roots of its bundles make them. Holds
// one tile of each level.
class TileCheck {
 public:
  TileCheck(const std::string& folder, uint64_t size) : folder_(folder), size_(size) {}

  // The root of the next full subtree of a tile's level, in order.
  Result<void> Add(Node node, const Hash& root);
  // All were added: compares the partial tiles too.
  Result<void> Finish();

  // Tiles that are not there, or hold something else at a position, `number`.
  const FirstFindings& findings() const { return findings_; }
  // The entries below the first position of a tile of level 1 or more that holds something else.
  struct Run {
    uint64_t first = 0;
    uint64_t last = 0;
  };
  const std::optional<Run>& unlike() const { return unlike_; }

 private:
  Result<void> Compare(const Tile& tile, const std::string& computed);

  const std::string& folder_;
  const uint64_t size_;
  std::array<std::string, kTileLevels> tiles_;  // the last one of each level, by its hashes
  FirstFindings findings_;
  std::optional<Run> unlike_;
};

// The tile is one of the tree that was signed: its root stands in the tile above, and so on up to
// the signed root. False also where one on the way is not there.
Result<bool> IsOfSignedTree(const std::string& folder, const Tile& tile,
                            const Checkpoint& checkpoint);

}  // namespace jalon::trail
