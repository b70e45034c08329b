#include "services/token/cache.h"

#include <utility>

namespace jalon::token {

Result<ClaimsPtr> Cache::Find(std::string_view token) {
  const Hash hash = Sha256(token);
  Shard& shard = shards_[hash.back() % kShards];
  {
    MutexLock lock(shard.mutex);
    const auto found = shard.tokens.find(hash);
    if (found != shard.tokens.end()) {
      if (found->second->expires + kSkew > clock_.Wall()) return found->second;
      shard.tokens.erase(found);
    }
  }
  JALON_ASSIGN_OR_RETURN(Claims claims, verifier_.Verify(token));
  auto verified = std::make_shared<const Claims>(std::move(claims));
  {
    MutexLock lock(shard.mutex);
    if (shard.tokens.size() >= kTokensPerShard) shard.tokens.clear();
    shard.tokens.insert_or_assign(hash, verified);
  }
  if (on_first_) on_first_(*verified);
  return verified;
}

}  // namespace jalon::token
