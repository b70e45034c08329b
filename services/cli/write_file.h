// Files that a command makes.
#pragma once

#include <string>
#include <string_view>

#include "services/cli/output.h"

namespace jalon::cli {

// Whether nothing has that name yet; says so on `err` otherwise.
bool IsFree(const std::string& path, Output& output);
// Writes a file that is not there yet; says so on `err` if it cannot.
bool WriteNew(const std::string& path, std::string_view bytes, Output& output);
// The same, for its owner's eyes only; nothing of it stays where not all of it could be written.
bool WritePrivate(const std::string& path, std::string_view bytes, Output& output);

}  // namespace jalon::cli
