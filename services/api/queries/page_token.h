// Tokens by which a list goes on: opaque to callers, and good for the same list, arguments and
// caller only.
//
// Format: 02 ‖ day (u32, big-endian) ‖ nonce (24) ‖ secretbox (XSalsa20-Poly1305) of a PagePlace.
// At most 512 bytes.
//
// The key is derived from the vault's key of that day (days since the Unix epoch, UTC), which every
// node of a deployment is given: a token of one node is good at all of them, also after a restart,
// for kPageTokenDays. It is derived one way, so that a node may hold it longer than it holds a key
// of the vault: it tells nothing of what was MACed under the day's key.
//
// With the vault away, a node seals under the latest day whose key it has seen. One that has seen
// none since it started seals under a key of its own, as of day 0: such a token is good at that
// node only, and until it ends.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "eventstore/base/clock.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"
#include "eventstore/vault/secret.h"
#include "eventstore/vault/vault.h"

namespace jalon::api {

// Where a list goes on, and what it is a list of.
struct PagePlace {
  Hash list{};            // of the method, its arguments, the caller and the view's version
  Bytes log_incarnation;  // with seq: the position that the page before stood at
  uint64_t seq = 0;
  std::string after;  // the key of the last row read

  void Fields(auto& archive) { archive(list, log_incarnation, seq, after); }
  bool operator==(const PagePlace&) const = default;
};

inline constexpr size_t kPageTokenBytesMax = 512;
// A token is good on the day it was made and on as many after it: as long as a request id.
inline constexpr uint32_t kPageTokenDays = 7;
// Two fewer than the vault keeps, since its clock may be a little ahead: no token asks for the key
// of a day that is destroyed, which would make another one.
static_assert(kPageTokenDays + 2 <= eventstore::kDayKeysKept);

// Thread safety: any thread. Waits for the vault (vault.h) on the first call of a day, and for the
// first token of another day.
class PageTokens {
 public:
  // Days are those of `clock`, as for request ids. Both must outlive this.
  PageTokens(eventstore::Vault& vault, const Clock& clock) : vault_(vault), clock_(clock) {}

  // REQUIRES: the token is not larger than kPageTokenBytesMax.
  std::string Seal(const PagePlace& place) const JALON_EXCLUDES(mutex_);
  // None if it is no token of this deployment, or is too old. UNAVAILABLE VAULT_UNAVAILABLE: the
  // key of its day was not seen here yet, and cannot be reached.
  Result<std::optional<PagePlace>> Open(std::string_view token) const JALON_EXCLUDES(mutex_);

 private:
  using Key = std::shared_ptr<const eventstore::Secret>;

  uint32_t Today() const;
  Result<Key> KeyOf(uint32_t day) const JALON_EXCLUDES(mutex_);
  // The day whose key seals, and that key.
  std::pair<uint32_t, Key> SealingKey() const JALON_EXCLUDES(mutex_);

  eventstore::Vault& vault_;
  const Clock& clock_;
  const Key own_ = std::make_shared<const eventstore::Secret>(eventstore::Secret::Random());

  mutable Mutex mutex_;
  // Derived, by day: of those that a token may name.
  mutable std::map<uint32_t, Key> keys_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::api
