// A relay that cannot begin.
#include "services/node/relay_duty.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

namespace jalon::node {
namespace {

using std::chrono::milliseconds;

TEST(RelayDuty, ThatCannotBeginSaysWhyOnceAndTriesLessAndLessOften) {
  std::atomic<int> tried = 0;
  ::testing::internal::CaptureStdout();
  {
    RelayDuty duty(
        nullptr,
        [&tried]() -> Result<std::unique_ptr<Relaying>> {
          ++tried;
          return Fail(Code::kUnavailable, "LOG_UNREACHABLE", "away");
        },
        [] { return true; });
    duty.Start();
    std::this_thread::sleep_for(milliseconds(2500));
    duty.Stop();
  }
  const std::string said = ::testing::internal::GetCapturedStdout();
  EXPECT_GE(tried, 2);
  EXPECT_LE(tried, 4);  // at 0, 0.4, 1.2 s; each 0.2 s it would be 12
  const size_t first = said.find("the public feed is not told yet");
  ASSERT_NE(first, std::string::npos) << said;
  EXPECT_EQ(said.find("the public feed is not told yet", first + 1), std::string::npos) << said;
}

}  // namespace
}  // namespace jalon::node
