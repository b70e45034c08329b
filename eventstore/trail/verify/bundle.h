// One bundle of entries, checked against the tile of its leaf hashes: the part of a verification
// that several threads do at the same time.
//
// Thread safety: any thread, a reader each.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/base/result.h"
#include "eventstore/trail/tile.h"
#include "eventstore/trail/tree.h"
#include "eventstore/trail/verify/first_findings.h"
#include "eventstore/trail/verify/verify.h"

namespace jalon::trail {

// What somebody wants to know of the tree on the way, each list in ascending order.
struct Wanted {
  std::vector<uint64_t> roots;   // by size, not beyond the tree's
  std::vector<uint64_t> leaves;  // by index, below the tree's size
};

struct Bundle {
  uint64_t width = 0;
  uint64_t bytes = 0;
  // The roots of its full subtrees, largest first: by its entries, or by its tile where the entries
  // cannot be told apart. Empty if neither is there.
  std::vector<Hash> roots;

  std::optional<Finding> broken;    // its entries cannot be told apart, or are not there
  std::optional<Finding> bad_tile;  // its tile is not there, or has another length
  FirstFindings unlike;             // entries that their tile does not know
  FirstFindings misplaced;          // entries that say they stand elsewhere

  std::string tenant;
  std::string trail;
  int64_t first_recorded_at = 0;
  int64_t last_recorded_at = 0;

  std::vector<std::pair<uint64_t, std::vector<Hash>>> frontiers;  // size → roots of its part here
  std::vector<std::pair<uint64_t, Hash>> leaves;                  // index → leaf hash
};

class BundleReader {
 public:
  // Of the tree of `size` leaves in the folder. Borrows both.
  BundleReader(const std::string& folder, uint64_t size, const Wanted& wanted)
      : folder_(folder), size_(size), wanted_(wanted) {}

  // Fails if a file cannot be read.
  Result<Bundle> Read(uint64_t number);

 private:
  static constexpr uint64_t kFetchedAhead = 32;  // bundles: some 3 MiB, for disks that are slow

  // Has what comes some bundles later fetched from the disk meanwhile.
  void FetchAhead(uint64_t number) const;
  Result<void> ReadTile(Bundle* bundle);
  Result<void> ReadEntries(Bundle* bundle);
  // Of the entry that stands `at` in the bundle. False: its tile does not know it.
  bool CheckEntry(uint64_t at, std::string_view entry, Bundle* bundle);
  void CheckPlace(uint64_t at, std::string_view entry, Bundle* bundle);
  bool IsWrapped(uint64_t at, size_t length, std::string_view rest) const;
  void Break(Flaw flaw, uint64_t at, Bundle* bundle);
  std::optional<Hash> TileLeaf(uint64_t at) const;
  void Hashes(Bundle* bundle) const;

  const std::string& folder_;
  const uint64_t size_;
  const Wanted& wanted_;

  uint64_t first_ = 0;  // the index of the bundle's first entry
  std::string file_;    // the bundle's path under the folder
  bool has_tile_ = false;
  std::string tile_bytes_;
  std::string entry_bytes_;
  std::vector<Hash> leaves_;
};

}  // namespace jalon::trail
