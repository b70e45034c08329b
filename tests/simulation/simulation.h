// One run: several nodes with the real writer on one memory log, clients, and faults, in one thread
// and in virtual time. A run is a function of its seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulation/history.h"
#include "tests/simulation/node.h"

namespace jalon::eventstore::simulation {

struct RunOptions {
  uint64_t seed = 0;
  bool trace = false;  // tell on standard error what happens
};

// What kind of trouble a seed draws.
enum class Scenario {
  kMany,       // several nodes on a log that drops, doubles, reorders, delays, tears and refuses
  kAlone,      // one node with a lock on its log; a crash loses what was not durable
  kCut,        // acknowledged records are cut off the log while nodes run on
  kLostClaim,  // a counted claim is cut off with them, and another takes its epoch
};
Scenario ScenarioOf(uint64_t seed);

struct RunReport {
  std::vector<std::string> violations;  // of the clients' histories against the log (checker.h)
  std::vector<std::string> symptoms;    // what only an observer of the nodes sees
  RunCounts counts;
  History history;
};
RunReport Simulate(const RunOptions& options);

}  // namespace jalon::eventstore::simulation
