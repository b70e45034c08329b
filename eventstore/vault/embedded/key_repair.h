// The half-written end of a key store that a power cut left (eventstore/rocks/store_tail.h), cut.
//
// A key is given out once its write is synced and the witness has counted that: where the store has
// all writes that the witness saw, no key that was given lies in what is cut. After a power cut the
// witness may be some seconds old: a last write that was synced then and has rotted since is not
// told from one that never was.
//
// Thread safety: one call at a time, and nobody has the store open.
#pragma once

#include <string>

#include "eventstore/base/result.h"
#include "eventstore/rocks/store_tail.h"

namespace jalon::eventstore {

// With `dry_run` only says what it would cut. Without a witness at that path nobody is asked.
// FAILED_PRECONDITION KEYS_OLDER if the witness saw more writes than would be left, or those of
// another store; errors of rocks::CutStoreTail and of KeyWitness::Open: then nothing was changed.
Result<rocks::StoreTail> RepairKeyStore(const std::string& folder, const std::string& witness_path,
                                        bool dry_run);

}  // namespace jalon::eventstore
