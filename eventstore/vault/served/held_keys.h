// Lists of keys in a node's memory, for at most kKeysKept: of a day, and of a tenant's look-ups.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/mutex.h"
#include "eventstore/vault/secret.h"

namespace jalon::eventstore::served {

// Thread safety: every call may come from any thread.
class HeldKeys {
 public:
  explicit HeldKeys(const Clock& clock) : clock_(clock) {}

  // Copies; none if they are not at hand.
  std::optional<std::vector<Secret>> Find(const std::string& name);
  void Put(const std::string& name, const std::vector<Secret>& keys);

 private:
  struct Held {
    std::vector<Secret> keys;
    Micros until{};
  };

  const Clock& clock_;
  Mutex mutex_;
  std::map<std::string, Held> held_ JALON_GUARDED_BY(mutex_);
};

// Copies are made on purpose only.
std::vector<Secret> Clone(const std::vector<Secret>& keys);

}  // namespace jalon::eventstore::served
