// Every bit of every file of a small log: some hours. flip_test.cc takes a sample.
#include <gtest/gtest.h>

#include "eventstore/log/rocks/flip_testing.h"

namespace jalon::eventstore::testing {
namespace {

TEST(EveryFlip, LosesNoAcknowledgedEntry) {
  const SmallLog log = MakeSmallLog();
  Verdicts all;
  for (const auto& [file, bytes] : log.files) {
    const Verdicts verdicts = FlipSome(log, file, bytes.size() * 8);
    std::printf("%s: %lu flips, %lu served, %lu refused, %lu aborted, %zu lost\n", file.c_str(),
                verdicts.Flips(), verdicts.served, verdicts.refused, verdicts.aborted,
                verdicts.lost.size());
    std::fflush(stdout);
    all.Add(verdicts);
  }
  EXPECT_EQ(all.lost, std::vector<std::string>());
}

}  // namespace
}  // namespace jalon::eventstore::testing
