// What `jalon log copy` does: makes a log of a data folder, or on Kafka, a copy of another one.
#pragma once

#include "eventstore/base/result.h"
#include "services/cli/wiring.h"

namespace jalon::node {

// Reads all of the source, copies what counts, and reads all of the copy. A data folder is locked
// for as long; that no server of a log on Kafka runs is for the caller to see to, and one that
// wrote meanwhile is found out (LOG_CHANGED).
//
// The target must have no log (LOG_EXISTS), or a part of this very copy, which is then completed.
// If the process dies, a server refuses the target: COPY_UNFINISHED, RESTORE_UNFINISHED.
// INVALID_ARGUMENT CONFIG_INVALID if both are one; DATA_LOSS LOG_CORRUPT if the source is not
// whole.
Result<cli::LogCopied> CopyLog(const cli::LogCopy& wanted, const cli::EntriesRead& progress);

}  // namespace jalon::node
