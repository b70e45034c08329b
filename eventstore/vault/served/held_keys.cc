#include "eventstore/vault/served/held_keys.h"

#include "eventstore/vault/served/limits.h"

namespace jalon::eventstore::served {

std::vector<Secret> Clone(const std::vector<Secret>& keys) {
  std::vector<Secret> copies;
  copies.reserve(keys.size());
  for (const Secret& key : keys) copies.push_back(key.Clone());
  return copies;
}

std::optional<std::vector<Secret>> HeldKeys::Find(const std::string& name) {
  const Micros now = clock_.Monotonic();
  MutexLock lock(mutex_);
  const auto found = held_.find(name);
  if (found == held_.end()) return std::nullopt;
  if (found->second.until <= now) {
    held_.erase(found);
    return std::nullopt;
  }
  return Clone(found->second.keys);
}

void HeldKeys::Put(const std::string& name, const std::vector<Secret>& keys) {
  const Micros now = clock_.Monotonic();
  MutexLock lock(mutex_);
  if (held_.size() >= kKeyListsKept) {
    std::erase_if(held_, [&](const auto& row) { return row.second.until <= now; });
    if (held_.size() >= kKeyListsKept) held_.clear();
  }
  held_.insert_or_assign(name, Held{Clone(keys), now + kKeysKept});
}

}  // namespace jalon::eventstore::served
