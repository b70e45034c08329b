// A vault whose keys lie in this process: what it offers beyond the contract so that it can be
// served to others.
#pragma once

#include <optional>
#include <vector>

#include "eventstore/vault/key_witness.h"
#include "eventstore/vault/vault.h"

namespace jalon::eventstore {

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
};

}  // namespace jalon::eventstore
