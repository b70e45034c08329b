// Verified tokens, by the hash of their text, until they expire: a signature is checked once and
// not with every call.
//
// Thread safety: every call may come from any thread; entries are spread over shards with a lock
// each, held for one look-up.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "eventstore/base/hash.h"
#include "eventstore/base/mutex.h"
#include "services/token/verifier.h"

namespace jalon::token {

using ClaimsPtr = std::shared_ptr<const Claims>;

class Cache {
 public:
  static constexpr size_t kShards = 16;
  static constexpr size_t kTokensPerShard =
      4096;  // about 2 MiB in all shards; then all are dropped

  // Called with what a token says that was not known here until now, by the thread that brought it.
  using OnFirst = std::function<void(const Claims&)>;

  // Both must outlive the cache. `on_first` may be empty.
  Cache(const Verifier& verifier, const Clock& clock, OnFirst on_first = {})
      : verifier_(verifier), clock_(clock), on_first_(std::move(on_first)) {}

  // What the token says, verified now or earlier. UNAUTHENTICATED as from the verifier.
  Result<ClaimsPtr> Find(std::string_view token);

 private:
  struct HashOfHash {
    size_t operator()(const Hash& hash) const {
      size_t first = 0;
      for (size_t i = 0; i < sizeof(first); ++i) first = first << 8 | hash[i];
      return first;
    }
  };
  struct Shard {
    Mutex mutex;
    std::unordered_map<Hash, ClaimsPtr, HashOfHash> tokens JALON_GUARDED_BY(mutex);
  };

  const Verifier& verifier_;
  const Clock& clock_;
  const OnFirst on_first_;
  std::array<Shard, kShards> shards_;
};

}  // namespace jalon::token
