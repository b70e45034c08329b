// A copy of a key store in one file: what is wrapped by the tenants' epochs, and nothing that wraps
// it. So what the copy has of a person opens no more once that person's epoch has ended, wherever
// the copy lies; and the copy made since opens everybody else.
//
//   "jalon.keys.1\n"
//   each row, in order:  length of its name (2), the name, length of its value (4), the value
//   at the end:          0 (2), how many rows (8), SHA-256 of all before (32)
//
// Numbers are little endian. Rows are those of embedded_vault.h but for `r`, `s` and `d`: the root
// key wraps those. A day's MAC key in a copy would outlive its nine days, and let its holder guess
// an erased word; after a restore new ones are made, and a command that was sent before is refused
// if it is sent again, never done twice.
//
// If the process dies while one is made, the copy before is there, and a file beside it,
// keys.backup.next, that nothing reads.
//
// Thread safety: one thread at a time for one folder.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "eventstore/base/result.h"
#include "eventstore/vault/embedded/epoch_keys.h"
#include "eventstore/vault/embedded/key_store.h"
#include "eventstore/vault/local_vault.h"

namespace jalon::eventstore {

// A copy that could not be made, or did not verify: try again.
inline constexpr std::string_view kKeyBackupFailed = "KEY_BACKUP_FAILED";

// The file in a folder of copies.
inline std::string KeyBackupIn(const std::string& folder) { return folder + "/keys.backup"; }

// What a copy was found to hold.
struct KeyBackupFound {
  KeyMark mark;       // of the store, when it was copied
  uint64_t keys = 0;  // of persons and of years: each was opened
};

// Copies the store into the folder, in the place of the copy before, once the new one is read back
// from the disk and every key in it was opened with those of today's epochs. UNAVAILABLE
// KEY_BACKUP_FAILED. REQUIRES: nothing is written meanwhile, and every tenant has an epoch.
// `at_step`: for tests; may be empty.
Result<KeysBackedUp> BackUpKeys(KeyStore& store, const EpochKeys& epochs, const Secret& root,
                                const std::string& folder,
                                const std::function<void(std::string_view step)>& at_step);

// Gives each row of a copy to `each`, whose error ends it. Only once it returned are they known to
// be what was written. Errors: those of CheckKeyBackup but for EPOCH_KEY_MISSING.
Result<void> ReadKeyBackup(
    const std::string& path,
    const std::function<Result<void>(std::string row, std::string value)>& each);

// Reads all of a copy, and opens every key in it. DATA_LOSS KEY_BACKUP_DAMAGED: a byte is not what
// was written; EPOCH_KEY_MISSING: it is from before an erasure or a rotation; NOT_FOUND
// KEY_BACKUP_MISSING. `next_root`: the key that is to replace the root key, which may wrap epochs
// already (root_rotation.h); null: none.
Result<KeyBackupFound> CheckKeyBackup(const std::string& path, const EpochKeys& epochs,
                                      const Secret& root, const Secret* next_root = nullptr);

// ALREADY_EXISTS KEYS_PRESENT: the folder is there.
Result<void> CheckNoKeys(const std::string& folder);

// Makes the store of a folder that is not there (CheckNoKeys) of a copy, after all of
// CheckKeyBackup. There whole, or not at all.
Result<KeyBackupFound> RestoreKeyBackup(const std::string& path, const std::string& folder,
                                        const EpochKeys& epochs, const Secret& root, Micros now,
                                        const Secret* next_root = nullptr);

}  // namespace jalon::eventstore
