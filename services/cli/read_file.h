// Files that the command line names, read whole; what is wrong with one is said in words.
#pragma once

#include <cstdint>
#include <string>

#include "eventstore/base/result.h"
#include "services/cli/words.h"

namespace jalon::cli {

// The file's bytes. FILE_NOT_READ, with what to do about it in the language: it is not there, it is
// a folder, it may not be read, or it has more than `bytes_max` bytes.
Result<std::string> ReadFile(const std::string& path, uint64_t bytes_max, Language language);

}  // namespace jalon::cli
