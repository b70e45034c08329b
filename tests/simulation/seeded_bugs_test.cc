// Each seeded bug must be noticed within so many seeds, or the zero of simulation_test means
// nothing.
//
//     seeded_bugs_test --gtest_filter='*Refuse*'
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "eventstore/writer/seeded_bugs.h"
#include "tests/simulation/runner.h"

namespace jalon::eventstore::simulation {
namespace {

struct Bug {
  SeededBug bug;
  const char* name;
  // Whether the clients' histories must show it; otherwise a partition that stops does.
  bool in_histories;
  uint64_t seeds_max;  // many times what it takes
};

class SeededBugs : public ::testing::TestWithParam<Bug> {};

TEST_P(SeededBugs, AreNoticed) {
  const Bug& bug = GetParam();
  const SeedRange seeds{
      .count = bug.seeds_max, .stop_at_failure = true, .histories_only = bug.in_histories};
  const RunnerReport report = RunSeeds(seeds, [&bug] { seeded_bug = bug.bug; });
  ASSERT_FALSE(report.failed.empty()) << bug.name << " survived " << report.seeds << " seeds";
  fmt::print("{} is noticed at seed {}: {}\n", bug.name, report.failed.front(),
             report.words.front());
}

TEST(SeededBugs, TheSameBinaryWithoutABugKeepsTheInvariants) {
  const RunnerReport report = RunSeeds({.count = 100}, [] { seeded_bug = SeededBug::kNone; });
  EXPECT_TRUE(report.failed.empty()) << "seed " << report.failed.front();
}

INSTANTIATE_TEST_SUITE_P(
    All, SeededBugs,
    ::testing::Values(Bug{SeededBug::kAnswerOnHandOver, "AnswerOnHandOver", true, 100},
                      Bug{SeededBug::kAnswerOnDelivery, "AnswerOnDelivery", true, 100},
                      Bug{SeededBug::kRefuseAtOnce, "RefuseAtOnce", true, 100},
                      Bug{SeededBug::kNoEpochId, "NoEpochId", true, 2000},
                      Bug{SeededBug::kNoDedupe, "NoDedupe", true, 100},
                      Bug{SeededBug::kCheckpointApart, "CheckpointApart", true, 200},
                      Bug{SeededBug::kReplaySkipsOne, "ReplaySkipsOne", false, 100},
                      Bug{SeededBug::kAnyClaimIsMine, "AnyClaimIsMine", false, 100}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace jalon::eventstore::simulation
