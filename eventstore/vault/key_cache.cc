#include "eventstore/vault/key_cache.h"

#include <utility>

namespace jalon::eventstore {

void KeyCache::Age(Shard& shard) {
  const Micros now = clock_.Monotonic();
  const Micros age = now - shard.born;
  if (age < kGeneration && shard.young.size() < kKeysPerShard) return;
  shard.old = age < 2 * kGeneration ? std::move(shard.young) : Generation();
  shard.young.clear();
  shard.born = now;
}

PersonKeyPtr KeyCache::Find(const std::string& row) {
  Shard& shard = ShardOf(row);
  MutexLock lock(shard.mutex);
  Age(shard);
  for (const Generation* generation : {&shard.young, &shard.old}) {
    const auto found = generation->find(row);
    if (found != generation->end()) return found->second;
  }
  return nullptr;
}

void KeyCache::Put(const std::string& row, PersonKeyPtr key) {
  Shard& shard = ShardOf(row);
  MutexLock lock(shard.mutex);
  Age(shard);
  shard.young[row] = std::move(key);
}

void KeyCache::Drop(const std::string& row) {
  Shard& shard = ShardOf(row);
  MutexLock lock(shard.mutex);
  shard.young.erase(row);
  shard.old.erase(row);
  ++shard.drops;
}

void KeyCache::DropAll() {
  for (Shard& shard : shards_) {
    MutexLock lock(shard.mutex);
    shard.young.clear();
    shard.old.clear();
    ++shard.drops;
  }
}

uint64_t KeyCache::Drops(const std::string& row) {
  Shard& shard = ShardOf(row);
  MutexLock lock(shard.mutex);
  return shard.drops;
}

void KeyCache::PutUnlessDropped(const std::string& row, PersonKeyPtr key, uint64_t drops) {
  Shard& shard = ShardOf(row);
  MutexLock lock(shard.mutex);
  if (shard.drops != drops) return;
  Age(shard);
  shard.young[row] = std::move(key);
}

}  // namespace jalon::eventstore
