// What an operator does to the log of a data folder that no server has open.
#pragma once

#include <vector>

#include "services/cli/field.h"
#include "services/cli/wiring.h"

namespace jalon::cli {

// Verbs of the noun `log`: repair and restore, where they are wired.
std::vector<Verb> StoppedLogVerbs(const Wiring& wiring);

}  // namespace jalon::cli
