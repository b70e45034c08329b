// Makes an export: a trail's entries and tiles as files (tile.h), its checkpoint last. Streams: of
// the trail it holds one bundle and one tile of each level; the files go to a sink, which writes
// them to a folder, or sends them on.
//
// Thread safety: none.
// Durability: none; if the process dies, there is no checkpoint, and what is there is no export.
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

// Where the files of an export go.
class ExportSink {
 public:
  virtual ~ExportSink() = default;
  // A file, whole. `path` is one of tile.h's, or "checkpoint"; each comes once.
  // `bytes` are valid during the call only.
  virtual Result<void> Write(const std::string& path, std::string_view bytes) = 0;
};

// Writes them into a folder.
class ExportFolder final : public ExportSink {
 public:
  // Makes `folder`. ALREADY_EXISTS if something is there.
  static Result<ExportFolder> Create(const std::filesystem::path& folder);

  // UNAVAILABLE NOT_WRITTEN if the file cannot be written.
  Result<void> Write(const std::string& path, std::string_view bytes) override;

 private:
  explicit ExportFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::filesystem::path folder_;
};

class ExportWriter {
 public:
  // Borrows the sink.
  explicit ExportWriter(ExportSink& sink) : sink_(&sink) {}

  // The next entry. INVALID_ARGUMENT ENTRY_TOO_LONG beyond 65,535 bytes, which the format cannot
  // hold; an error of the sink's.
  Result<void> Append(std::string_view entry);

  uint64_t size() const { return frontier_.size(); }
  Hash Root() const { return frontier_.Root(); }

  // Writes what is left, and the checkpoint: a signed note of this size and root.
  Result<void> Finish(std::string_view checkpoint);

 private:
  Result<void> WriteFull();

  ExportSink* sink_;
  Frontier frontier_;
  std::string bundle_;                          // the last, not yet full one
  std::array<std::string, kTileLevels> tiles_;  // the last one of each level
};

}  // namespace jalon::trail
