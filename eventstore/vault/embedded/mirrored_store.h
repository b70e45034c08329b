// A key store whose every change is made in a mirror first (mirror.h).
#pragma once

#include <memory>

#include "eventstore/vault/embedded/key_store.h"
#include "eventstore/vault/mirror.h"

namespace jalon::eventstore {

// `mirror` must outlive it.
// Thread safety: as of KeyStore, but for changes: one thread at a time.
std::unique_ptr<KeyStore> MakeMirroredStore(std::unique_ptr<KeyStore> store, Mirror& mirror);

}  // namespace jalon::eventstore
