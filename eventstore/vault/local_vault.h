// A vault whose keys lie in this process: what it offers beyond the contract so that it can be
// served to others.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "eventstore/vault/key_copy.h"
#include "eventstore/vault/key_witness.h"
#include "eventstore/vault/vault.h"

namespace jalon::eventstore {

// A copy of the keys.
struct KeysBackedUp {
  std::string path;
  uint64_t keys = 0;
  uint64_t bytes = 0;
};

// Thread safety, durability: as of Vault.
class LocalVault : public Vault {
 public:
  // How late it is: what a key store's witness remembers.
  virtual KeyMark Mark() = 0;
  // Whose keys were made before then: at most `max` of them, after `after` in an order of its own.
  virtual Result<std::vector<PersonName>> OldKeys(Micros made_before,
                                                  const std::optional<PersonName>& after,
                                                  size_t max) = 0;
  // Removes those of them that were made before then. How many it removed.
  virtual Result<size_t> RemoveOldKeys(Micros made_before,
                                       const std::vector<PersonName>& persons) = 0;

  // Copies the keys, without what wraps them, into a folder that is there, in the place of the copy
  // before, and opens every one in the copy. UNAVAILABLE KEY_BACKUP_FAILED: the copy before stays.
  virtual Result<KeysBackedUp> BackUp(const std::string& folder) = 0;
  // Begins a new epoch of the tenant and ends the one before, or ends one that an earlier call
  // could not end. The number of the epoch. NOT_FOUND KEYS_UNKNOWN: the tenant has no keys here.
  virtual Result<uint32_t> RotateTenant(std::string_view tenant) = 0;
  // When a copy of the keys was last verified; 0: never.
  virtual Result<Micros> BackedUpAt() = 0;

  // Runs `work` while no key is made, destroyed or wrapped anew, which waits for it.
  virtual Result<void> WithoutChanges(const std::function<Result<void>(KeyCopy&)>& work) = 0;
  // Ends the epochs that were to end and could not. Errors of DestroyPersonKeys.
  virtual Result<void> Settle() = 0;
};

}  // namespace jalon::eventstore
