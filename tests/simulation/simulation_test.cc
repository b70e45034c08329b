// The real writer, classify and state on a faulty log: many seeds, none may violate an invariant.
//
//     simulation_test [--seeds=2000] [--first=1]     a range
//     simulation_test --seed=N                       one, telling what happens
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string_view>

#include "tests/simulation/runner.h"

namespace jalon::eventstore::simulation {
namespace {

SeedRange seeds{1, 2000};
bool one_seed = false;

std::string Replay(uint64_t seed) {
  return fmt::format(
      "replay: ./dev build simulation_test && "
      "build/dev/tests/simulation/simulation_test --seed={}",
      seed);
}

TEST(Simulation, EverySeedKeepsTheInvariants) {
  if (one_seed) {
    const RunReport report = Simulate({.seed = seeds.first, .trace = true});
    for (const std::string& violation : report.violations) ADD_FAILURE() << violation;
    for (const std::string& symptom : report.symptoms) ADD_FAILURE() << symptom;
    return;
  }
  const RunnerReport report = RunSeeds(seeds, [] {});
  fmt::print("{}\n", Describe(report));
  for (const uint64_t seed : report.failed) ADD_FAILURE() << Replay(seed);
  for (const std::string& words : report.words) {
    ADD_FAILURE() << "seed " << report.failed.front() << ": " << words;
  }
  // A fault that never bit proved nothing.
  const RunCounts& counts = report.counts;
  EXPECT_GT(counts.accepted, 20 * report.seeds);
  EXPECT_GT(counts.refused, report.seeds);
  EXPECT_GT(counts.claims, report.seeds);
  for (const uint64_t bit :
       {counts.void_entries, counts.gaps,          counts.stalls,    counts.repeats,
        counts.barriers,     counts.flushes,       counts.crashes,   counts.pauses,
        counts.rows_lost,    counts.not_owner,     counts.unknown,   counts.clock_suspect,
        counts.disk_full,    counts.lost_messages, counts.dropped,   counts.duplicated,
        counts.reordered,    counts.torn,          counts.truncated, counts.cuts_of_acknowledged,
        counts.diverged}) {
    EXPECT_GT(bit, 0u);
  }
}

TEST(Simulation, ASeedIsARun) {
  for (const uint64_t seed : {1, 3, 8, 9}) {
    const RunReport first = Simulate({.seed = seed});
    const RunReport second = Simulate({.seed = seed});
    ASSERT_EQ(first.history.attempts.size(), second.history.attempts.size());
    ASSERT_EQ(first.history.log.size(), second.history.log.size());
    for (size_t i = 0; i < first.history.attempts.size(); ++i) {
      EXPECT_EQ(first.history.attempts[i].received_at, second.history.attempts[i].received_at);
    }
  }
}

}  // namespace
}  // namespace jalon::eventstore::simulation

int main(int argc, char** argv) {
  using jalon::eventstore::simulation::one_seed;
  using jalon::eventstore::simulation::seeds;
  ::testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    unsigned long long number = 0;
    if (std::sscanf(argv[i], "--seed=%llu", &number) == 1) {
      seeds = {number, 1};
      one_seed = true;
    } else if (std::sscanf(argv[i], "--seeds=%llu", &number) == 1) {
      seeds.count = number;
    } else if (std::sscanf(argv[i], "--first=%llu", &number) == 1) {
      seeds.first = number;
    } else {
      fmt::print(stderr, "usage: {} [--seeds=COUNT] [--first=SEED] | --seed=SEED\n", argv[0]);
      return 2;
    }
  }
  return RUN_ALL_TESTS();
}
