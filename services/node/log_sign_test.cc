// What is told of a log that cannot be reached.
#include "services/node/log_sign.h"

#include <gtest/gtest.h>

#include <string>

namespace jalon::node {
namespace {

const Error kAway{Code::kUnavailable, "LOG_UNREACHABLE", "away", {}};
const Error kSilent{Code::kUnavailable, "BOARD_SILENT", "silent", {}};

TEST(LogSign, TellsEachChangeOfTheBrokersOnceAndKeepsWhatIsWrong) {
  LogSign sign;
  std::string told;
  sign.Set(LogSign::Of::kBrokers, kAway);  // nobody is told yet
  sign.Attach([&told](bool reachable) { told += reachable ? '+' : '-'; });
  EXPECT_EQ(told, "-");
  sign.Set(LogSign::Of::kBrokers, kAway);
  sign.Set(LogSign::Of::kHeartbeats, kSilent);
  EXPECT_EQ(told, "-");
  EXPECT_EQ(sign.Trouble(), kAway);
  sign.Set(LogSign::Of::kBrokers, std::nullopt);
  sign.Set(LogSign::Of::kBrokers, std::nullopt);
  EXPECT_EQ(told, "-+");
  EXPECT_EQ(sign.Trouble(), kSilent);
  sign.Set(LogSign::Of::kHeartbeats, std::nullopt);
  EXPECT_EQ(sign.Trouble(), std::nullopt);
  sign.Detach();
  sign.Set(LogSign::Of::kBrokers, kAway);
  EXPECT_EQ(told, "-+");
}

}  // namespace
}  // namespace jalon::node
