// What an operator does to a log that no server has open: of a data folder, or on Kafka.
#pragma once

#include <vector>

#include "services/cli/field.h"
#include "services/cli/wiring.h"

namespace jalon::cli {

// Verbs of the noun `log`: repair and restore, where they are wired.
std::vector<Verb> StoppedLogVerbs(const Wiring& wiring);

// The verbs init and copy, where they are wired: they work on no one data folder.
std::vector<Verb> MakeLogVerbs(const Wiring& wiring);

}  // namespace jalon::cli
