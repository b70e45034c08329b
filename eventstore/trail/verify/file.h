// Files of an export, read whole into a buffer that is used again.
//
// Thread safety: any thread, a buffer each.
#pragma once

#include <cstddef>
#include <string>

#include "eventstore/base/result.h"

namespace jalon::trail {

enum class FileRead { kWhole, kMissing, kTooLong };

// Reads a regular file of at most `bytes_max` bytes. kMissing if nothing is there, or no such file;
// NOT_READ, with what to do, if the system does not let it be read.
Result<FileRead> ReadInto(const std::string& path, size_t bytes_max, std::string* buffer);

// Asks the system to have the file at hand soon: it is read while something else is hashed. A hint:
// nothing waits for it, and nothing fails.
void WillRead(const std::string& path);

}  // namespace jalon::trail
