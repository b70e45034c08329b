// The root key: 32 bytes in a file that only its owner reads. Whoever has it and the key store has
// every key; so it may lie on another disk than the data.
#pragma once

#include <string>

#include "eventstore/base/result.h"
#include "eventstore/vault/secret.h"

namespace jalon::eventstore {

// Reads the file; makes it, synced and with mode 0600, if there is none and `create`.
// FAILED_PRECONDITION ROOT_KEY_UNSAFE if others may read it; DATA_LOSS ROOT_KEY_INVALID if it is no
// key; NOT_FOUND ROOT_KEY_MISSING. Each message says what to do.
// Thread safety: one thread.
// Durability: a file made here survives a crash; a crash on the way leaves none.
Result<Secret> LoadRootKey(const std::string& path, bool create);

}  // namespace jalon::eventstore
