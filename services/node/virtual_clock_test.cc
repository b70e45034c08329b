#include "services/node/virtual_clock.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "eventstore/writer/clock_guard.h"

namespace jalon::node {
namespace {

using std::chrono::hours;

class VirtualClockTest : public testing::Test {
 protected:
  VirtualClockTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "/virtual_clock_" + info->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~VirtualClockTest() override { std::filesystem::remove_all(folder_); }

  Result<std::unique_ptr<VirtualClock>> Open() {
    return VirtualClock::Open(folder_ + "/clock", real_);
  }

  ManualClock real_{Micros(hours(1000))};
  std::string folder_;
};

TEST_F(VirtualClockTest, GoesWithTheRealOneUntilItIsMoved) {
  const auto clock = Open();
  ASSERT_TRUE(clock);
  EXPECT_EQ((*clock)->Wall(), real_.Wall());
  ASSERT_TRUE((*clock)->Advance(real_.Wall() + hours(24)));
  EXPECT_EQ((*clock)->Wall(), real_.Wall() + hours(24));
  real_.Advance(hours(1));
  EXPECT_EQ((*clock)->Wall(), Micros(hours(1025)));
}

TEST_F(VirtualClockTest, AMoveTakesNoTimeAndIsNoJump) {
  const auto clock = Open();
  const eventstore::ClockGuard guard(**clock);
  const Micros before = (*clock)->Monotonic();
  ASSERT_TRUE((*clock)->Advance(real_.Wall() + hours(24)));
  EXPECT_EQ((*clock)->Monotonic(), before);
  EXPECT_EQ((*clock)->UnmovedWall(), real_.Wall());
  const Result<Micros> now = guard.Now((*clock)->Wall() - hours(1));
  ASSERT_TRUE(now) << now.error().message;
  EXPECT_EQ(*now, real_.Wall() + hours(24));
}

TEST_F(VirtualClockTest, RemembersAfterARestart) {
  ASSERT_TRUE((*Open())->Advance(real_.Wall() + hours(24)));
  EXPECT_EQ((*Open())->Wall(), real_.Wall() + hours(24));
}

TEST_F(VirtualClockTest, NeverGoesBack) {
  const auto clock = Open();
  const auto back = (*clock)->Advance(real_.Wall() - Micros(1));
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().reason, "CLOCK_GOES_BACK");
  EXPECT_EQ((*clock)->Wall(), real_.Wall());
}

TEST_F(VirtualClockTest, RefusesADamagedFile) {
  for (const char* text : {"", "12", "12x\n", "x\n"}) {
    std::ofstream(folder_ + "/clock") << text;
    EXPECT_FALSE(Open()) << text;
  }
}

}  // namespace
}  // namespace jalon::node
