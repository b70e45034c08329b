// A bundle of entries, as an auditor's program reads it beside its tile: what is not what the tile
// knows is named, and nothing else is.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "eventstore/base/wire.h"
#include "eventstore/trail/tile.h"
#include "eventstore/trail/verify/bundle.h"
#include "tests/fuzz/fuzz.h"

namespace jalon::fuzz {
namespace {

constexpr uint64_t kEntries = 5;

// An event that says it is the entry `index` of a trail.
std::string Entry(uint64_t index) {
  std::string trail;
  wire::AppendBytes(1, "garage00", &trail);
  if (index != 0) wire::AppendNumber(2, index, &trail);
  std::string event;
  wire::AppendBytes(1, "school", &event);
  wire::AppendBytes(9, trail, &event);
  return event;
}

std::string Framed(std::string_view entry) {
  std::string framed = {static_cast<char>(entry.size() >> 8), static_cast<char>(entry.size())};
  return framed.append(entry);
}

std::string Bundle() {
  std::string bundle;
  for (uint64_t i = 0; i < kEntries; ++i) bundle += Framed(Entry(i));
  return bundle;
}

// An export's folder that goes away with the process; its tile of leaves is the seed's.
class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "jalon-fuzz-XXXXXX";
    JALON_CHECK(mkdtemp(name.data()) != nullptr);
    path_ = name;
    std::string leaves;
    for (uint64_t i = 0; i < kEntries; ++i) leaves += View(trail::LeafHash(Entry(i)));
    Write(trail::TilePath({0, 0, kEntries}), leaves);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void Write(const std::string& name, std::string_view bytes) const {
    const std::filesystem::path file = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    JALON_CHECK(stream.flush().good());
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The hashes that the signed tree has.
std::vector<Hash> GoodRoots() {
  trail::Frontier frontier;
  for (uint64_t i = 0; i < kEntries; ++i) frontier.Append(trail::LeafHash(Entry(i)));
  return frontier.roots();
}

}  // namespace

void Run(std::string_view input) {
  static const Folder folder;
  folder.Write(trail::BundlePath(0, kEntries), input);
  const trail::Wanted wanted{.roots = {1, kEntries}, .leaves = {0, kEntries - 1}};
  trail::BundleReader reader(folder.path(), kEntries, wanted);
  const auto bundle = reader.Read(0);
  JALON_CHECK(bundle.has_value() && bundle->width == kEntries && !bundle->bad_tile);
  const bool is_named = bundle->broken || bundle->unlike.total() != 0;
  JALON_CHECK(is_named == (input != Bundle()));
  // Its entries are those of the tile, or their own: never other hashes for what was not named.
  if (bundle->unlike.total() == 0) JALON_CHECK(bundle->roots == GoodRoots());
  JALON_CHECK(bundle->unlike.total() <= kEntries && bundle->bytes <= input.size());
  for (const trail::Finding& finding : bundle->unlike.list()) {
    JALON_CHECK(finding.entry < kEntries);
  }
  JALON_CHECK(bundle->leaves.size() == wanted.leaves.size());
  JALON_CHECK(bundle->frontiers.size() == wanted.roots.size());
}

std::vector<std::string> Seeds() { return {Bundle()}; }

}  // namespace jalon::fuzz
