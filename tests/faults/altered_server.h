// `jalon serve` with something changed of which no option is made: for what only tests and
// measurements do.
#pragma once

#include <functional>

#include "services/node/config.h"

namespace jalon::faults {

// A whole program: takes the same arguments, serves until SIGTERM, returns the exit code.
int ServeAltered(int count, char** words, const std::function<void(node::Config&)>& alter);

}  // namespace jalon::faults
