#include "projections/engine/key_bytes.h"

#include <algorithm>

namespace jalon::projections {
namespace {

// How many bytes every key begins with alike.
size_t CommonPrefix(const std::vector<std::string_view>& keys) {
  size_t common = keys.empty() ? 0 : keys[0].size();
  for (const std::string_view key : keys) {
    common = std::min(common, key.size());
    const auto differ = std::mismatch(
        keys[0].begin(), keys[0].begin() + static_cast<ptrdiff_t>(common), key.begin());
    common = static_cast<size_t>(differ.first - keys[0].begin());
  }
  return common;
}

// Up to 8 bytes of `key` from `from` on as a number in the order of the bytes.
uint64_t Rank(std::string_view key, size_t from) {
  uint64_t rank = 0;
  for (size_t i = 0; i < sizeof rank; ++i) {
    const size_t at = from + i;
    rank = rank << 8 | (at < key.size() ? static_cast<uint8_t>(key[at]) : 0);
  }
  return rank;
}

}  // namespace

std::vector<uint32_t> OrderOf(const std::vector<std::string_view>& keys) {
  // The 8 bytes after the common prefix tell most keys apart without touching them again.
  struct Ranked {
    uint64_t rank;
    uint32_t index;
  };
  const size_t common = CommonPrefix(keys);
  std::vector<Ranked> ranked;
  ranked.reserve(keys.size());
  for (uint32_t index = 0; index < keys.size(); ++index) {
    ranked.push_back({Rank(keys[index], common), index});
  }
  std::ranges::sort(ranked, [&](const Ranked& a, const Ranked& b) {
    return a.rank != b.rank ? a.rank < b.rank : keys[a.index] < keys[b.index];
  });
  std::vector<uint32_t> order;
  order.reserve(keys.size());
  for (const Ranked& each : ranked) order.push_back(each.index);
  return order;
}

}  // namespace jalon::projections
