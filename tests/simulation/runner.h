// Runs many seeds on all cores and tells how to replay what failed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/simulation/simulation.h"

namespace jalon::eventstore::simulation {

struct SeedRange {
  uint64_t first = 1;
  uint64_t count = 1;
  bool stop_at_failure = false;  // begin no seed above one that failed
  bool histories_only = false;   // only what the clients' histories show is a failure
};

struct RunnerReport {
  RunCounts counts;
  uint64_t seeds = 0;
  std::vector<uint64_t> failed;    // ascending
  std::vector<std::string> words;  // of the first that failed
  double seconds = 0;
};

// `prepare` is called in each thread before its first seed.
RunnerReport RunSeeds(const SeedRange& seeds, const std::function<void()>& prepare);

// One line with what a run did.
std::string Describe(const RunnerReport& report);

}  // namespace jalon::eventstore::simulation
