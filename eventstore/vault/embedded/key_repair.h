// The half-written end of a key store that a power cut left (eventstore/rocks/store_tail.h), cut.
//
// A key is given out once its write is synced and the witness has counted that: where the store has
// all writes that the witness saw, no key that was given lies in what is cut. After a power cut the
// witness may be some seconds old: a last write that was synced then and has rotted since is not
// told from one that never was. Nor does it know of keys in a table that a damaged MANIFEST does
// not name any more, where a later write is still in the WAL: that is looked for apart.
//
// Thread safety: one call at a time, and nobody has the store open.
#pragma once

#include <string>

#include "eventstore/base/result.h"
#include "eventstore/rocks/store_tail.h"

namespace jalon::eventstore {

// What to do where nothing may be cut, of a store that is nobody's but its vault's.
inline constexpr const char* kRestoreKeys =
    "restore the keys from a copy: move keys/ away, then 'jalon vault restore'";

// With `dry_run` only says what it would cut. Without a witness at that path nobody is asked.
// `otherwise` is what an operator is told to do where it is refused. FAILED_PRECONDITION KEYS_OLDER
// if the witness saw more writes than would be left, or those of another store, and errors of
// KeyWitness::Open: then nothing was changed. Errors of rocks::CutStoreTail.
Result<rocks::StoreTail> RepairKeyStore(const std::string& folder, const std::string& witness_path,
                                        bool dry_run, const std::string& otherwise = kRestoreKeys);

}  // namespace jalon::eventstore
