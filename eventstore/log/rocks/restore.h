// Makes a log of a backup: what 'jalon log restore' does.
//
// A backup is some past of a log whose positions reach beyond it, so the log that is made of it
// must not be taken for the same one: it has another life, with another incarnation. Each
// partition's genesis is written anew with it and holds the first one, with which the chain of
// hashes goes on beginning (genesis.h); every other entry is copied as it is. Whatever asks a log
// for its incarnation reads the genesis, so all agree.
//
// Thread safety: one call at a time.
#pragma once

#include <string>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/log/genesis.h"
#include "eventstore/log/rocks/options.h"
#include "eventstore/log/rocks/rocks_log.h"

namespace jalon::eventstore {

// The log is there whole, or not at all. ALREADY_EXISTS LOG_EXISTS if `folder` is there; NOT_FOUND
// LOG_NOT_BORN and DATA_LOSS LOG_CORRUPT of the backup, which is not changed.
Result<void> RestoreLog(const std::string& backup, const std::string& folder, const Life& life,
                        const RocksLog::Beside& beside = nullptr,
                        const RocksLogOptions& options = {});

}  // namespace jalon::eventstore
