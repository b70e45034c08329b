// The epochs of tenants: which key wraps what the key store holds of one, and how an erasure begins
// the next. embedded_vault.h says what a crash leaves.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "eventstore/vault/embedded/epoch_keys.h"
#include "eventstore/vault/embedded/key_store.h"
#include "eventstore/vault/secret.h"

namespace jalon::eventstore {

class Epochs {
 public:
  // All must outlive it.
  Epochs(KeyStore& store, EpochKeys keys, const Secret& root, const Clock& clock)
      : store_(store), keys_(std::move(keys)), root_(root), clock_(clock) {}

  // The key of the tenant's epoch, the first of which begins on first use. FAILED_PRECONDITION
  // EPOCH_KEY_MISSING: its file is not there.
  Result<Secret> Key(std::string_view tenant);
  // Begins the next epoch without the keys of these persons, who are erased from then on, and
  // returns its key. It is Settle that ends it.
  Result<Secret> Erase(std::string_view tenant, const std::set<Bytes, std::less<>>& persons);
  // Destroys the keys of all epochs but the tenant's own, once nothing in the store needs them.
  Result<void> Settle(std::string_view tenant);
  // The same of every tenant, after a crash. EPOCH_KEY_MISSING.
  Result<void> SettleAll();

 private:
  Result<uint32_t> Current(std::string_view tenant);
  Result<Secret> BeginFirst(std::string_view tenant);
  Result<void> SettleAt(std::string_view tenant, uint32_t current, std::vector<uint32_t> numbers);

  KeyStore& store_;
  EpochKeys keys_;
  const Secret& root_;
  const Clock& clock_;
};

}  // namespace jalon::eventstore
