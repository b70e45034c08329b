// What the tests of trails share: the reference leaves, naive trees, fixed keys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/base/hash.h"
#include "eventstore/trail/key.h"
#include "eventstore/trail/proof.h"
#include "eventstore/trail/tree.h"

namespace jalon::trail {

// The bytes that `hex` spells.
std::string Unhex(std::string_view hex);
Hash HashOf(std::string_view hex);

// The eight entries of Certificate Transparency's reference tree.
std::vector<std::string> ReferenceEntries();
std::vector<Hash> LeavesOf(const std::vector<std::string>& entries);

// RFC 6962 as it is written, by recursion over leaves: nothing of it is shared with tree.cc. What
// was computed once is kept.
class NaiveTree {
 public:
  explicit NaiveTree(std::vector<Hash> leaves) : leaves_(std::move(leaves)) {}

  // MTH of the leaves [begin, end); of the first `size`.
  Hash Root(size_t begin, size_t end);
  Hash Root(size_t size) { return Root(0, size); }
  Proof Inclusion(size_t index, size_t size) { return Path(index, 0, size); }
  Proof Consistency(size_t old_size, size_t size) {
    return old_size == 0 ? Proof{} : SubProof(old_size, 0, size, true);
  }
  const Hash& leaf(size_t index) const { return leaves_[index]; }
  size_t size() const { return leaves_.size(); }

 private:
  Proof Path(size_t index, size_t begin, size_t end);
  Proof SubProof(size_t old_end, size_t begin, size_t end, bool is_known);

  std::vector<Hash> leaves_;
  std::map<std::pair<size_t, size_t>, Hash> roots_;
};

// The 32 bytes first, first + 1, …
Seed SeedFrom(uint8_t first);

inline constexpr std::string_view kOrigin = "audit.example/cfp-nord/trail/1";
// The keys of the published example: the log's and a witness's.
SignerKey LogKey(std::string_view name = kOrigin);
SignerKey WitnessKey();

// One event of a trail, as the log stores it: `payload_bytes` of filling that differ by index.
std::string TrailEvent(uint64_t index, size_t payload_bytes = 40,
                       std::string_view company = "garage00");

// A checkpoint of these entries, signed.
std::string SignedCheckpoint(const std::vector<std::string>& entries, const SignerKey& key);

// A folder that goes away with it.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string ReadAll(const std::filesystem::path& file);
void WriteAll(const std::filesystem::path& file, std::string_view bytes);

}  // namespace jalon::trail
