// What `jalon log restore` does: makes the log of a data folder of a backup.
#pragma once

#include <string>

#include "eventstore/base/result.h"
#include "services/cli/wiring.h"

namespace jalon::node {

// Reads all of the backup first: DATA_LOSS LOG_CORRUPT if it is not whole. The folder, made if it
// is not there, must have no log (ALREADY_EXISTS LOG_EXISTS) and no server (DATA_IN_USE). State and
// views that lie in it are folds of another log: they are removed, and built anew by the next
// start. Keys are in no backup of a log: `missing` names what of them the folder lacks.
//
// If the process dies meanwhile, the folder has no log yet, and a mark that keeps a server from
// beginning an empty one (RESTORE_UNFINISHED): restore it again.
Result<cli::Restored> RestoreLog(const std::string& backup, const std::string& data,
                                 const cli::EntriesRead& progress);

}  // namespace jalon::node
