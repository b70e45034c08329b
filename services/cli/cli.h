// The command line `jalon`, whole but for what only the wiring can run (`serve`).
#pragma once

#include <string>
#include <vector>

#include "services/cli/chosen_language.h"
#include "services/cli/output.h"
#include "services/cli/wiring.h"

namespace jalon::cli {

// Reads argv (argv[0] is the program's name), does what it says, and returns the exit code.
int Main(int argc, char** argv, const Wiring& wiring);

// The same but for programs, with the arguments after the program's name, and other streams.
int Run(const std::vector<std::string>& arguments, const Wiring& wiring, Output& output);

}  // namespace jalon::cli
