// The vault of one machine: a synced RocksDB of its own, keys wrapped by the key of the tenant's
// epoch, that one wrapped by the root key, in a file outside of the RocksDB (epoch_keys.h).
//
// Rows: a letter, then (but for `m`, `b` and `d`) the tenant preceded by its length in one byte.
//
//   r                     a key wrapped by the root key: tells that the root key is the right one
//   e tenant              the tenant's epoch (4 bytes, big endian)
//   s tenant              of an older store: the tenant's key, wrapped by the root key. It becomes
//                         that of the first epoch
//   p tenant person(8)    a person's key, wrapped by that of the tenant's epoch
//   x tenant person(8)    that person's key is destroyed: when (8 bytes, microseconds), and in
//   which
//                         write (8); of an older version only when
//   l tenant year(4)      a year's look-up key, wrapped the same way; year big endian
//   m                     how often the store was written (key_witness.h)
//   b                     when a copy of the keys was last verified (8 bytes, microseconds), and of
//                         how many writes it was (8); of an older version only when
//   d day(4)              a day's MAC key, wrapped by the root key; day big endian
//
// Example: the key of person 0102030405060708 of tenant "T" is row 70 01 54 01 02 03 04 05 06 07
// 08.
//
// If the process dies while a key is made, it is there whole or not at all; nothing was sealed with
// it, since it is given out after the sync.
//
// Erasure begins a new epoch: its key is made; all that stays of the tenant is wrapped by it, and
// the epoch's number and the erased persons' rows change in the same write; where a folder for
// copies of the keys is given, a fresh one is made and every key in it opened; the store is
// compacted; the key of the epoch before is destroyed. A rotation is an erasure of nobody. If the
// process dies in between, the next start goes on from there: before that write nothing has
// happened, after it a file of an earlier epoch is destroyed once the store is compacted.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "eventstore/vault/embedded/epoch_keys.h"
#include "eventstore/vault/embedded/key_store.h"
#include "eventstore/vault/local_vault.h"
#include "eventstore/vault/mirror.h"

namespace jalon::eventstore {

struct EmbeddedVaultOptions {
  std::string folder;             // made if it is not there
  std::string root_key_path;      // made if neither it nor the folder is there
  bool in_use = false;            // something is sealed with its keys: it must hold them already
  std::string witness_path = {};  // of the key store, outside of its folder; empty: none
  // Called when keys cannot be read or made any more, from the call that met it; may be empty.
  std::function<void(const Error&)> on_failure = {};
  std::string epochs_folder = {};  // of the epochs' keys; empty: EpochsOf(folder)
  // The folder to copy keys to (key_backup.h) before an epoch ends: without a copy that verifies,
  // none ends, and no erasure is complete. Empty: none is made.
  std::string key_backup = {};
  // Called where an epoch could not be ended for lack of that copy, or of the standby; it ends when
  // it is asked for again. May be empty.
  std::function<void(const Error&)> on_left = {};
  // Where every change is made first; null: nowhere. Outlives the vault.
  Mirror* mirror = nullptr;
  // It is the standby of another: it has the root key of that one, which is not made, and no epoch
  // ends here by itself until Settle.
  bool standby = false;
  // For tests: told of each step of an epoch's beginning and end. May be empty.
  std::function<void(std::string_view step)> at_step = {};
};

// Beside the key store, and in no copy of it.
inline std::string EpochsOf(const std::string& folder) { return folder + ".epochs"; }

// Opens the vault, and refuses with what to do if the root key is not that of these keys
// (ROOT_KEY_WRONG, ROOT_KEY_MISSING), there are none in a vault in use (KEYS_MISSING), its witness
// saw later ones (KEYS_OLDER), or the key of a tenant's epoch is not there (EPOCH_KEY_MISSING).
// `clock` must outlive the vault. The vault owns a thread, which makes keys in groups: one sync for
// all that wait.
Result<std::unique_ptr<LocalVault>> OpenEmbeddedVault(const EmbeddedVaultOptions& options,
                                                      const Clock& clock);
// The same with a store and epochs of the caller's, which `root` must be the key of. Nothing is
// looked at yet.
std::unique_ptr<LocalVault> MakeEmbeddedVault(std::unique_ptr<KeyStore> store, EpochKeys epochs,
                                              Secret root, const Clock& clock);

}  // namespace jalon::eventstore
