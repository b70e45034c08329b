// The keys of the store of views. Everything lies in one column family, so that rows and checkpoint
// cannot part.
//
//   directory:   00000000 ‖ partition (u32)          which generation of each view serves, and as
//   of
//                                                    what: the one row that a swap changes
//   checkpoint:  generation (u32) ‖ (nothing)        how far a generation has come that does not
//                                                    serve yet
//   row:         generation (u32) ‖ key of the view  the key begins with the tenant, so is not
//   empty
//
// Numbers are big-endian, so that a generation is one range of keys and a new one lies beyond all
// others. Generations count from 1; each belongs to one view in one partition and is never used
// again while a row of it may be left.
//
// Example: partition 3's directory is 00000000 00000003. The row "school…" of generation 7 is
// 00000007 7363686f6f6c…, and 00000007 alone is that generation's checkpoint.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/ids.h"
#include "projections/engine/cursor.h"

namespace jalon::projections {

using Generation = Strong<struct GenerationTag, uint32_t>;

// A generation of a view, and the version of the fold that made it.
struct ServingView {
  std::string view;
  uint32_t version = 0;
  Generation generation{};

  void Fields(auto& archive) { archive(view, version, generation); }
  bool operator==(const ServingView&) const = default;
};

// What serves in a partition. All its views stand at the same position, so that a query may read
// several.
struct Directory {
  Cursor cursor;
  std::vector<ServingView> views;

  void Fields(auto& archive) { archive(cursor, views); }
  bool operator==(const Directory&) const = default;
};

// A generation that is built beside the one that serves.
struct GenerationCheckpoint {
  std::string view;
  uint32_t version = 0;
  Partition partition{};
  Cursor cursor;

  void Fields(auto& archive) { archive(view, version, partition, cursor); }
  bool operator==(const GenerationCheckpoint&) const = default;
};

inline constexpr size_t kGenerationBytes = 4;

std::string DirectoryKey(Partition partition);
// The directories are the keys in [DirectoriesBegin(), DirectoriesEnd()).
std::string DirectoriesBegin();
std::string DirectoriesEnd();

// The generation's checkpoint, and the first key of its range; its last key is below that of the
// next generation.
std::string GenerationKey(Generation generation);
std::string RowStoreKey(Generation generation, std::string_view key);
// The generation of a stored key; 0: a directory. None if it is no key of this layout.
std::optional<Generation> GenerationOf(std::string_view stored_key);
// The first key beyond every key that begins with `prefix`; empty: there is none.
std::string EndOfPrefix(std::string_view prefix);

}  // namespace jalon::projections
