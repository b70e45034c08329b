// The program `jalon-verify`, but for its process: what `jalon verify` runs.
#pragma once

#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "services/cli/output.h"

namespace jalon::cli {

// Does what the arguments after the program's name say; returns the exit code.
int RunVerify(const std::vector<std::string>& arguments, const Clock& clock, Output& output);

}  // namespace jalon::cli
