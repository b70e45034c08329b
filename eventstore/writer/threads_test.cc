// The writer as a node runs it: one thread steps, any other submits, and the log wakes both it and
// whoever else follows. What the thread sanitizer is to see of it (./dev test --preset tsan).
#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "eventstore/log/log_testing.h"
#include "eventstore/log/memory/memory_log.h"
#include "eventstore/writer/nodes_testing.h"

namespace jalon::eventstore::testing {
namespace {

constexpr int kCallers = 4;
constexpr int kCalls = 50;  // of each
static_assert(kCallers * kCalls > kCounterMax, "some are refused");

class WriterThreads : public ::testing::TestWithParam<int> {};

TEST_P(WriterThreads, AnswerWhatCountsToEachOfManyCallers) {
  MemoryLog log(TestBirth());
  std::array<Tally, kCallers> told;
  Tally followed;
  {
    std::vector<std::unique_ptr<Node>> nodes;
    for (int i = 0; i < GetParam(); ++i) {
      nodes.push_back(std::make_unique<Node>("node-" + std::to_string(i), log, i + 1));
    }
    std::vector<std::jthread> threads;
    threads.emplace_back([&] { followed = FollowAll(log, kCounterMax); });
    for (int caller = 0; caller < kCallers; ++caller) {
      threads.emplace_back([&, caller] {
        told[static_cast<size_t>(caller)] = CallAll(nodes, caller, kCalls, "shared");
      });
    }
    threads.clear();  // all are done before a node ends
  }
  Tally all;
  for (const Tally& tally : told) {
    all.refused += tally.refused;
    for (const auto& [seq, request_id] : tally.accepted) {
      EXPECT_TRUE(all.accepted.emplace(seq, request_id).second) << "position " << seq << " twice";
    }
  }
  EXPECT_EQ(all.accepted, followed.accepted);
  EXPECT_EQ(all.accepted.size(), size_t{kCounterMax});
  EXPECT_EQ(all.refused, kCallers * kCalls - kCounterMax);
}

// Two that both want the partition take it from each other.
INSTANTIATE_TEST_SUITE_P(Nodes, WriterThreads, ::testing::Values(1, 2));

}  // namespace
}  // namespace jalon::eventstore::testing
