// Keys in memory, for at most a minute: what was destroyed elsewhere is forgotten that fast.
//
// Two generations: a key is put into the young one; when that is half a minute old, or full, it
// becomes the old one and the old one is dropped. A hit does not move a key, so none outlives both.
//
// Thread safety: every call may come from any thread; keys are spread over shards with a lock each.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "eventstore/base/clock.h"
#include "eventstore/base/mutex.h"
#include "eventstore/vault/vault.h"

namespace jalon::eventstore {

class KeyCache {
 public:
  static constexpr std::chrono::seconds kGeneration{30};
  static constexpr size_t kKeysPerShard = 4096;  // in each generation; about 0.6 MiB
  static constexpr size_t kShards = 16;

  explicit KeyCache(const Clock& clock) : clock_(clock) {}

  // Null if it is not here.
  PersonKeyPtr Find(const std::string& row);
  void Put(const std::string& row, PersonKeyPtr key);
  void Drop(const std::string& row);
  void DropAll();

  // For a key that is read from the store: Drops is taken before the read. What may have been
  // dropped since is not put, or a destroyed key would be found again.
  uint64_t Drops(const std::string& row);
  void PutUnlessDropped(const std::string& row, PersonKeyPtr key, uint64_t drops);

 private:
  using Generation = std::unordered_map<std::string, PersonKeyPtr>;
  struct Shard {
    Mutex mutex;
    Generation young JALON_GUARDED_BY(mutex);
    Generation old JALON_GUARDED_BY(mutex);
    Micros born JALON_GUARDED_BY(mutex){};
    uint64_t drops JALON_GUARDED_BY(mutex) = 0;
  };

  Shard& ShardOf(const std::string& row) {
    return shards_[std::hash<std::string>{}(row) % kShards];
  }
  void Age(Shard& shard) JALON_REQUIRES(shard.mutex);

  const Clock& clock_;
  std::array<Shard, kShards> shards_;
};

}  // namespace jalon::eventstore
