// Hashing and ordering of row keys, whose first bytes are alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace jalon::projections {

// A hash for tables in memory: never stored, never part of an answer. Ids in keys are random, so it
// need not resist an adversary.
inline uint32_t HashKey(std::string_view key) {
  uint64_t hash = key.size() * 0x9e3779b97f4a7c15u;
  const char* at = key.data();
  size_t left = key.size();
  while (left != 0) {
    uint64_t word = 0;
    const size_t take = left < sizeof word ? left : sizeof word;
    std::memcpy(&word, at, take);
    at += take;
    left -= take;
    hash = (hash ^ word) * 0xd6e8feb86659fd93u;
    hash ^= hash >> 32;
  }
  return static_cast<uint32_t>(hash ^ (hash >> 29));
}

// The indexes of `keys` in ascending order of the keys. REQUIRES: keys are distinct.
std::vector<uint32_t> OrderOf(const std::vector<std::string_view>& keys);

}  // namespace jalon::projections
