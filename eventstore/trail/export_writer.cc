#include "eventstore/trail/export_writer.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace jalon::trail {
namespace {

constexpr size_t kFullTileBytes = kTileWidth * sizeof(Hash);

std::unexpected<Error> NotWritten(const std::filesystem::path& file, const char* why) {
  return Fail(Code::kUnavailable, "NOT_WRITTEN",
              fmt::format("{} cannot be written: {}. Free space or choose another folder, and "
                          "export again.",
                          file.string(), why));
}

}  // namespace

Result<ExportFolder> ExportFolder::Create(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) return ExportFolder(folder);
  if (error) return NotWritten(folder, error.message().c_str());
  return Fail(Code::kAlreadyExists, "ALREADY_EXISTS",
              fmt::format("{} is already there. Export to a new folder.", folder.string()));
}

Result<void> ExportFolder::Write(const std::string& path, std::string_view bytes) {
  const std::filesystem::path file = folder_ / path;
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  if (error) return NotWritten(file, error.message().c_str());
  errno = 0;
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream) return NotWritten(file, errno == 0 ? "unknown error" : std::strerror(errno));
  return {};
}

Result<void> ExportWriter::Append(std::string_view entry) {
  if (entry.size() > kEntryBytesMax) {
    return Fail(Code::kInvalidArgument, "ENTRY_TOO_LONG",
                fmt::format("Entry {} has {} bytes; an entry of a trail has at most {}. Refuse "
                            "such an event where its command is decided.",
                            size(), entry.size(), kEntryBytesMax));
  }
  bundle_ += static_cast<char>(entry.size() >> 8);
  bundle_ += static_cast<char>(entry.size() & 0xff);
  bundle_ += entry;
  frontier_.Append(LeafHash(entry), [this](Node node, const Hash& hash) {
    if (node.level % kTileLevels == 0) tiles_[node.level / kTileLevels] += View(hash);
  });
  return WriteFull();
}

// A tile that is full is written, from the leaves up: its root already stands in the one above.
Result<void> ExportWriter::WriteFull() {
  if (size() % kTileWidth != 0) return {};
  JALON_RETURN_IF_ERROR(sink_->Write(BundlePath(size() / kTileWidth - 1, kTileWidth), bundle_));
  bundle_.clear();
  for (unsigned level = 0; level < tiles_.size() && tiles_[level].size() == kFullTileBytes;
       ++level) {
    const Tile tile = TileOf(level, HashesAt(level, size()) - 1, size());
    JALON_RETURN_IF_ERROR(sink_->Write(TilePath(tile), tiles_[level]));
    tiles_[level].clear();
  }
  return {};
}

Result<void> ExportWriter::Finish(std::string_view checkpoint) {
  if (!bundle_.empty()) {
    JALON_RETURN_IF_ERROR(
        sink_->Write(BundlePath(size() / kTileWidth, size() % kTileWidth), bundle_));
  }
  for (unsigned level = 0; level < tiles_.size(); ++level) {
    if (tiles_[level].empty()) continue;
    const Tile tile = TileOf(level, HashesAt(level, size()) - 1, size());
    JALON_RETURN_IF_ERROR(sink_->Write(TilePath(tile), tiles_[level]));
  }
  return sink_->Write("checkpoint", checkpoint);
}

}  // namespace jalon::trail
