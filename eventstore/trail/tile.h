// The files of a log as C2SP tlog-tiles lays them out: its hashes in tiles of 256, its entries in
// bundles of 256.
//
//     checkpoint
//     root.tlog-proof              of ours: that the checkpoint was published in the root log;
//     root.consistency, root.next.tlog-proof      that this goes on from what somebody kept of it
//     tile/<L>/<N>[.p/<W>]         level L, from the leaves up: full tiles have 8192 bytes
//     tile/entries/<N>[.p/<W>]     the entries [256 N, 256 N + 256), each a big-endian uint16
//     length
//                                  and its bytes
//
// A tile of level 0 holds leaf hashes; one above it, the roots of the full tiles below. The last
// one of a level is partial, W wide; there is no empty one, and a partial one is not hashed upward.
// <N> stands in groups of three digits, all but the last with an x: 1234067 is x001/x234/067.
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <string>

#include "eventstore/trail/tree.h"

namespace jalon::trail {

inline constexpr const char* kRootProofFile = "root.tlog-proof";
// That the root log goes on from what it was at a size that somebody kept (tlog_witness.h).
inline constexpr const char* kRootConsistencyFile = "root.consistency";
// Beside it where that size is a power of two, of which a consistency proof leaves out the root:
// that the entry after it is in the root log (tlog_proof.h), which holds that root. `extra` is the
// entry's leaf hash, 32 bytes.
inline constexpr const char* kRootNextFile = "root.next.tlog-proof";
inline constexpr uint64_t kTileWidth = 256;
inline constexpr unsigned kTileLevels = 8;       // of the tree in each of tiles
inline constexpr size_t kEntryBytesMax = 65535;  // what a length of two bytes can say

// One tile, or one bundle of entries, of a tree of a certain size.
struct Tile {
  unsigned level = 0;
  uint64_t index = 0;
  uint64_t width = kTileWidth;

  bool operator==(const Tile&) const = default;
};

// Where it lies, from the log's prefix, without a slash at the front.
std::string TilePath(const Tile& tile);
std::string BundlePath(uint64_t index, uint64_t width);

// How many hashes all tiles of this level hold in a tree of that size: floor(size / 256^level).
constexpr uint64_t HashesAt(unsigned level, uint64_t size) {
  return level >= 8 ? 0 : size >> (level * kTileLevels);
}

// The tile with the hash that stands `position`th at its level. REQUIRES: there is one.
constexpr Tile TileOf(unsigned level, uint64_t position, uint64_t size) {
  const uint64_t index = position / kTileWidth;
  const uint64_t left = HashesAt(level, size) - index * kTileWidth;
  return {level, index, left < kTileWidth ? left : kTileWidth};
}

}  // namespace jalon::trail
