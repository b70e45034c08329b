#include "eventstore/base/at_once.h"

#include <gtest/gtest.h>

namespace jalon {
namespace {

TEST(ForEachAtOnce, DoesEachOnce) {
  std::vector<std::atomic<int>> done(1000);
  EXPECT_TRUE(ForEachAtOnce(done.size(), 4, [&](size_t i) -> Result<void> {
    ++done[i];
    return {};
  }));
  for (const auto& times : done) EXPECT_EQ(times, 1);
  EXPECT_TRUE(ForEachAtOnce(0, 4, [](size_t) -> Result<void> { return {}; }));
}

TEST(ForEachAtOnce, HasSoManyUnderWayAndNoMore) {
  std::atomic<int> under_way = 0;
  std::atomic<int> most = 0;
  EXPECT_TRUE(ForEachAtOnce(40, 4, [&](size_t) -> Result<void> {
    const int now = ++under_way;
    for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) continue;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    --under_way;
    return {};
  }));
  EXPECT_EQ(most, 4);
}

TEST(ForEachAtOnce, BeginsNothingAfterAnError) {
  std::atomic<int> begun = 0;
  const auto done = ForEachAtOnce(1000, 2, [&](size_t) -> Result<void> {
    ++begun;
    return Fail(Code::kUnavailable, "AWAY", "it is away");
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, "AWAY");
  EXPECT_LE(begun, 2);
}

}  // namespace
}  // namespace jalon
