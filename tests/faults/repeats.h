// Every command of a history sent once more.
#pragma once

#include <vector>

#include "services/client/client.h"
#include "tests/faults/history_checker.h"

namespace jalon::faults {

// Sends again what RunLoad sent, and waits: the history's commands but the first `founding` ones.
// Each request id is acknowledged where it stands, or decided now if the log does not hold it; what
// no answer tells is asked again.
// What the server answered.
History Repeat(const History& history, size_t founding,
               const std::vector<client::Client>& coordinators);

}  // namespace jalon::faults
