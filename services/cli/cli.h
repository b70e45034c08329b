// The command line `jalon`, whole but for what only the wiring can run (`serve`).
#pragma once

#include <ostream>
#include <span>

#include "services/cli/help.h"

namespace jalon::cli {

// Reads argv (argv[0] is the program's name), does what it says, and returns the exit code.
// `programs` read their own arguments; they are called with argv from their name on.
int Main(int argc, char** argv, std::span<const Program> programs);

// The same on other streams, for tests; a form of neither terminal.
int Run(const std::vector<std::string>& arguments, std::span<const Program> programs,
        Output& output);

}  // namespace jalon::cli
