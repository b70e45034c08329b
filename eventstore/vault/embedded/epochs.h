// The epochs of tenants: which key wraps what the key store holds of one, and how an erasure begins
// the next. embedded_vault.h says what a crash leaves.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
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
  // Each may be empty.
  struct Hooks {
    // Asked before the key of an epoch is destroyed, while that still opens older copies of the
    // store. What it refuses is not ended yet.
    std::function<Result<void>()> before_end = {};
    // For tests: told of each step of an epoch that is done on the disk.
    std::function<void(std::string_view step)> at_step = {};
  };

  // All must outlive it.
  Epochs(KeyStore& store, EpochKeys keys, const Secret& root, const Clock& clock, Hooks hooks)
      : store_(store),
        keys_(std::move(keys)),
        root_(root),
        clock_(clock),
        hooks_(std::move(hooks)) {}

  // The key of the tenant's epoch, the first of which begins on first use. FAILED_PRECONDITION
  // EPOCH_KEY_MISSING: its file is not there.
  Result<Secret> Key(std::string_view tenant);
  // Begins the next epoch without the keys of these persons, who are erased from then on, and
  // returns its key. It is Settle that ends the one before.
  Result<Secret> BeginNext(std::string_view tenant, const std::set<Bytes, std::less<>>& erased);
  // Destroys the keys of all epochs but the tenant's own, once nothing in the store needs them.
  Result<void> Settle(std::string_view tenant);
  // The same of every tenant, after a crash. EPOCH_KEY_MISSING. What cannot be ended yet for an
  // error of `Hooks::before_end` is told to `on_left`, and ended when it is asked for again.
  Result<void> SettleAll(const std::function<void(const Error&)>& on_left);
  // Whether the key of an epoch before the tenant's own is still there.
  Result<bool> HasEarlier(std::string_view tenant) { return HasEarlier(store_, keys_, tenant); }
  // The number of the tenant's epoch; 0: none has begun.
  Result<uint32_t> Current(std::string_view tenant) { return Current(store_, tenant); }
  // The same, from any thread. Of an epoch that ends meanwhile it may be too late, never too early.
  static Result<bool> HasEarlier(KeyStore& store, const EpochKeys& keys, std::string_view tenant);
  static Result<uint32_t> Current(KeyStore& store, std::string_view tenant);
  // Begins the first epoch of each tenant of an older store.
  Result<void> BeginAll();

  const EpochKeys& keys() const { return keys_; }

 private:
  Result<Secret> BeginFirst(std::string_view tenant);
  Result<void> SettleAt(std::string_view tenant, uint32_t current, std::vector<uint32_t> numbers);
  void Step(std::string_view step) const {
    if (hooks_.at_step) hooks_.at_step(step);
  }

  KeyStore& store_;
  EpochKeys keys_;
  const Secret& root_;
  const Clock& clock_;
  const Hooks hooks_;
};

}  // namespace jalon::eventstore
