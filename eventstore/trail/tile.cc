#include "eventstore/trail/tile.h"

#include <fmt/format.h>

namespace jalon::trail {
namespace {

std::string NumberPath(uint64_t index) {
  std::string path = fmt::format("{:03}", index % 1000);
  while (index >= 1000) {
    index /= 1000;
    path = fmt::format("x{:03}/{}", index % 1000, path);
  }
  return path;
}

std::string Path(const std::string& folder, uint64_t index, uint64_t width) {
  std::string path = fmt::format("tile/{}/{}", folder, NumberPath(index));
  if (width < kTileWidth) path += fmt::format(".p/{}", width);
  return path;
}

}  // namespace

std::string TilePath(const Tile& tile) {
  return Path(std::to_string(tile.level), tile.index, tile.width);
}

std::string BundlePath(uint64_t index, uint64_t width) { return Path("entries", index, width); }

}  // namespace jalon::trail
