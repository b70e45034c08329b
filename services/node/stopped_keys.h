// What `jalon vault restore`, `repair` and `rotate-root` do to the keys of a process that does not
// run: a vault's, or a node's with keys of its own.
#pragma once

#include <string>

#include "eventstore/base/result.h"
#include "services/cli/wiring.h"

namespace jalon::node {

// Makes keys/ of the copy, whose every key is opened first with those of keys.epochs/ and the root
// key: both must be there. Without `accept_older`, FAILED_PRECONDITION KEYS_OLDER where the witness
// saw later keys; with it, the witness is removed. FAILED_PRECONDITION DATA_IN_USE; errors of
// RestoreKeyBackup, LoadRootKey and Standing::Open. A standby is given all keys again.
Result<cli::KeysRestored> RestoreKeys(const std::string& copy, const cli::KeysPlace& place,
                                      bool accept_older);

// Cuts the half-written end that a power cut left of keys/; with `dry_run` only says what it would
// cut. A standby is behind from then on. FAILED_PRECONDITION DATA_IN_USE; VAULT_IS_PAIRED of a
// vault whose standby is attached, unless `although_paired`: that may have what is cut, synced, and
// would be given all keys without it. Errors of eventstore::RepairKeyStore, where the witness saw
// more too, and of Standing::Open.
Result<cli::StoreCut> RepairKeys(const std::string& data, bool dry_run, bool although_paired);

// FAILED_PRECONDITION DATA_IN_USE; VAULT_IS_PAIRED of a standby, and of a vault that has one,
// unless `although_paired`: the two must have one root key. Errors of eventstore::RotateRootKey.
Result<void> RotateRoot(const cli::KeysPlace& place, bool although_paired);

}  // namespace jalon::node
