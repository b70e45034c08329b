#include "eventstore/log/partition.h"

#include <cstring>

#include "eventstore/base/check.h"

namespace jalon::eventstore {

uint32_t Murmur2(std::string_view bytes) {
  constexpr uint32_t kSeed = 0x9747b28c;
  constexpr uint32_t kMix = 0x5bd1e995;
  uint32_t hash = kSeed ^ static_cast<uint32_t>(bytes.size());
  for (; bytes.size() >= 4; bytes.remove_prefix(4)) {
    uint32_t word;
    std::memcpy(&word, bytes.data(), sizeof word);
    word *= kMix;
    word ^= word >> 24;
    hash = hash * kMix ^ word * kMix;
  }
  if (!bytes.empty()) {
    for (size_t i = 0; i < bytes.size(); ++i) {
      hash ^= static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
    }
    hash *= kMix;
  }
  hash ^= hash >> 13;
  hash *= kMix;
  return hash ^ hash >> 15;
}

Partition PartitionOf(std::string_view key, uint32_t partition_count) {
  JALON_CHECK(partition_count > 0);
  return Partition{(Murmur2(key) & 0x7fffffff) % partition_count};
}

}  // namespace jalon::eventstore
