// Files that a command makes.
#pragma once

#include <string>
#include <string_view>

#include "services/cli/output.h"

namespace jalon::cli {

// Writes a file that is not there yet; says so on `err` if it cannot.
bool WriteNew(const std::string& path, std::string_view bytes, Output& output);
// The same, for its owner's eyes only.
bool WritePrivate(const std::string& path, std::string_view bytes, Output& output);

}  // namespace jalon::cli
