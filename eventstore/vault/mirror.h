// Where what is done to keys is done too, before it is done here: a standby.
//
// First there, then here: so no key is ever found here that is not there, and could be given out.
// What was done there and not here was acknowledged to nobody.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/base/result.h"
#include "eventstore/vault/key_witness.h"

namespace jalon::eventstore {

// A standby that does not take a change. The change is not made here either.
inline constexpr std::string_view kStandbyGone = "VAULT_STANDBY_GONE";
// Whoever has the keys now has a higher term.
inline constexpr std::string_view kVaultFenced = "VAULT_FENCED";

// Thread safety: one thread at a time.
// Durability: what succeeded survives a crash of the other end.
// Errors: UNAVAILABLE VAULT_STANDBY_GONE, VAULT_FENCED.
class Mirror {
 public:
  using Rows = std::vector<std::pair<std::string, std::string>>;

  virtual ~Mirror() = default;
  // Whether a change would be made now. Waits for nothing.
  virtual Result<void> Ready() { return {}; }
  // All of it or nothing; `after` is what the store's mark will be: as it is, or one write later.
  virtual Result<void> Write(const KeyMark& after, const Rows& put,
                             const std::vector<std::string>& remove) = 0;
  // As KeyStore::Forget.
  virtual Result<void> Forget(std::string_view first, std::string_view end) = 0;
  // A file of an epoch's key, by its name.
  virtual Result<void> KeepEpoch(const std::string& name, std::string_view value) = 0;
  virtual Result<void> DestroyEpoch(const std::string& name) = 0;
};

}  // namespace jalon::eventstore
