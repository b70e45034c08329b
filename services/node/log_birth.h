// How a data folder that has no log gets one of something else: a backup, or another log.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "eventstore/base/result.h"
#include "services/node/files.h"

namespace jalon::node {

// Makes the folder if it is not there, and locks it. ALREADY_EXISTS LOG_EXISTS if it has a log,
// FAILED_PRECONDITION DATA_IN_USE.
Result<std::unique_ptr<FileLock>> TakeFolderWithoutLog(const std::string& data);

// Has `make` make the log, and removes state and views, which are folds of another one: the next
// start builds them anew. If the process dies meanwhile, a mark keeps a server from beginning an
// empty log there, and says that `command` is to be run again (RESTORE_UNFINISHED).
// REQUIRES: the folder is locked, and has no log.
Result<void> MakeLogIn(const std::string& data, const std::string& command,
                       const std::function<Result<void>(const std::string& log)>& make);

// What that mark says; empty if there is none.
std::string UnfinishedIn(const std::string& data);

// What of the keys a server needs there, and lacks: they are in no log.
std::vector<std::string> KeysMissingIn(const std::string& data);

// The file that says how new the keys must be goes into a log's folder, if it is there.
Result<void> CopyKeysWitness(const std::string& from, const std::string& log);

}  // namespace jalon::node
