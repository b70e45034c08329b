// Says what is wrong with a history. Shares nothing with the writer but the counters' rules, which
// it applies to a plain map.
#pragma once

#include <string>
#include <vector>

#include "tests/simulation/history.h"

namespace jalon::eventstore::simulation {

// The invariants, by their numbers: every violation begins with its own.
//
//   1 an acknowledged command is in the log exactly once, at its position, with its answer
//   2 no record without a command that was sent
//   3 a refused command left nothing and was refused on counted state; one of unknown outcome left
//     it once or not at all, and every retry gets the first answer
//   4 sequence numbers and versions are contiguous, recorded_at never decreases, each record is
//     what deciding on the state before it gives
//   5 what was acknowledged before another command was sent precedes it
//
// Where the history has a cut, what the log lost is excused; what writers said after it is not.
std::vector<std::string> Check(const History& history);

}  // namespace jalon::eventstore::simulation
