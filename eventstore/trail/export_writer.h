// Writes an export: a trail's entries and tiles as files (tile.h), its checkpoint last. Streams: of
// the trail it holds one bundle and one tile of each level.
//
// Thread safety: none.
// Durability: none; if the process dies, the folder has no checkpoint and is no export.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "eventstore/base/result.h"
#include "eventstore/trail/tile.h"
#include "eventstore/trail/tree.h"

namespace jalon::trail {

class ExportWriter {
 public:
  // Writes into `folder`, which it makes. ALREADY_EXISTS if something is there.
  static Result<ExportWriter> Create(const std::filesystem::path& folder);

  // The next entry. INVALID_ARGUMENT ENTRY_TOO_LONG beyond 65,535 bytes, which the format cannot
  // hold; UNAVAILABLE NOT_WRITTEN if a file cannot be written.
  Result<void> Append(std::string_view entry);

  uint64_t size() const { return frontier_.size(); }
  Hash Root() const { return frontier_.Root(); }

  // Writes what is left, and the checkpoint: a signed note of this size and root.
  Result<void> Finish(std::string_view checkpoint);

 private:
  explicit ExportWriter(std::filesystem::path folder) : folder_(std::move(folder)) {}

  Result<void> Write(const std::string& path, std::string_view bytes) const;
  Result<void> WriteFull();

  std::filesystem::path folder_;
  Frontier frontier_;
  std::string bundle_;                          // the last, not yet full one
  std::array<std::string, kTileLevels> tiles_;  // the last one of each level
};

}  // namespace jalon::trail
