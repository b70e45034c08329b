// What a new epoch of a tenant writes: all that stays, wrapped by its key.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/base/result.h"
#include "eventstore/vault/embedded/key_store.h"
#include "eventstore/vault/secret.h"

namespace jalon::eventstore {

// The tenant's rows of persons, but for those that `leave_out` names, and of look-up keys, as they
// are under `to`. UNAVAILABLE VAULT_UNAVAILABLE: one does not open with `from`.
// Thread safety: nothing of the tenant is written meanwhile.
Result<std::vector<std::pair<std::string, std::string>>> Rewrapped(
    KeyStore& store, std::string_view tenant, const Secret& from, const Secret& to,
    const std::function<bool(std::string_view person)>& leave_out);

// Compacts what the tenant has in the store: of what was removed or wrapped anew no byte stays.
Result<void> ForgetTenant(KeyStore& store, std::string_view tenant);

}  // namespace jalon::eventstore
