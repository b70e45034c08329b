// The vault of one machine: a synced RocksDB of its own, keys wrapped by the tenant's key, that one
// wrapped by the root key.
//
// Rows: a letter, then (but for `m` and `d`) the tenant preceded by its length in one byte.
//
//   r                     a key wrapped by the root key: tells that the root key is the right one
//   s tenant              the tenant's key, wrapped by the root key
//   p tenant person(8)    a person's key, wrapped by the tenant's
//   x tenant person(8)    that person's key is destroyed: when (8 bytes, microseconds)
//   l tenant year(4)      a year's look-up key, wrapped by the tenant's; year big endian
//   m                     how often the store was written (key_witness.h)
//   d day(4)              a day's MAC key, wrapped by the root key; day big endian
//
// Example: the key of person 0102030405060708 of tenant "T" is row 70 01 54 01 02 03 04 05 06 07
// 08.
//
// If the process dies while a key is made, it is there whole or not at all; nothing was sealed with
// it, since it is given out after the sync.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "eventstore/vault/embedded/key_store.h"
#include "eventstore/vault/local_vault.h"

namespace jalon::eventstore {

struct EmbeddedVaultOptions {
  std::string folder;             // made if it is not there
  std::string root_key_path;      // made if neither it nor the folder is there
  bool in_use = false;            // something is sealed with its keys: it must hold them already
  std::string witness_path = {};  // of the key store, outside of its folder; empty: none
  // Called when keys cannot be read or made any more, from the call that met it; may be empty.
  std::function<void(const Error&)> on_failure = {};
};

// Opens the vault, and refuses with what to do if the root key is not that of these keys
// (ROOT_KEY_WRONG, ROOT_KEY_MISSING), there are none in a vault in use (KEYS_MISSING), or its
// witness saw later ones (KEYS_OLDER).
// `clock` must outlive the vault. The vault owns a thread, which makes keys in groups: one sync for
// all that wait.
Result<std::unique_ptr<LocalVault>> OpenEmbeddedVault(const EmbeddedVaultOptions& options,
                                                      const Clock& clock);
// The same with a store of the caller's, which `root` must be the key of.
std::unique_ptr<LocalVault> MakeEmbeddedVault(std::unique_ptr<KeyStore> store, Secret root,
                                              const Clock& clock);

}  // namespace jalon::eventstore
