// Reads a command line by what field.h says of it.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "services/cli/help.h"

namespace jalon::cli {

// The verb that `arguments` (without the program's name) ask for, its fields and the globals filled
// in. Otherwise what to exit with: --help was asked for and printed to `out`, or something is wrong
// and is said on `err` in the output's language.
std::expected<const Verb*, ExitCode> Parse(std::span<const Noun> nouns,
                                           std::span<const Program> programs,
                                           std::span<const Field> globals,
                                           std::vector<std::string> arguments, Output& output);

}  // namespace jalon::cli
