// The files of an embedded log's folder, and how they come to be there at once.
#pragma once

#include <functional>
#include <string>

#include "eventstore/base/result.h"

namespace jalon::eventstore::rocks {

inline std::string DatabasePath(const std::string& folder) { return folder + "/db"; }
// In backups only: a backup is no log, but 'jalon log restore' makes one of it.
inline std::string BackupMarkPath(const std::string& folder) { return folder + "/BACKUP"; }
inline std::string WitnessPath(const std::string& folder) { return folder + "/witness"; }

// Makes a new folder by `fill`, which is given another name for it: after a crash the folder is
// there whole or not at all. ALREADY_EXISTS LOG_EXISTS if it is there.
Result<void> MakeFolder(const std::string& folder,
                        const std::function<Result<void>(const std::string&)>& fill);

// NOT_FOUND LOG_NOT_BORN if there is no log in the folder.
Result<void> CheckFolder(const std::string& folder);

}  // namespace jalon::eventstore::rocks
