#include "deploy/demo/history.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace jalon::demo {
namespace {

using Kind = Fact::Kind;

TEST(History, IsReadAsItWasRecordedAndLeavesATornLineOut) {
  const std::string path = testing::TempDir() + "/history.txt";
  std::remove(path.c_str());
  {
    Recorder recorder(path);
    recorder.Sent("a");
    recorder.Acked("a", 1, 5);
    recorder.Sent("c");
    recorder.Refused("c", "NO_TARGET");
    recorder.Asked("q", 5);
    recorder.Read("q", 1, 6, 2);
  }
  std::ofstream(path, std::ios::app) << "acked b 1";
  const History expected = {
      {.kind = Kind::kSent, .id = "a", .reason = ""},
      {.kind = Kind::kAcked, .id = "a", .partition = 1, .seq = 5, .reason = ""},
      {.kind = Kind::kSent, .id = "c", .reason = ""},
      {.kind = Kind::kRefused, .id = "c", .reason = "NO_TARGET"},
      {.kind = Kind::kAsked, .id = "q", .seq = 5, .reason = ""},
      {.kind = Kind::kRead, .id = "q", .partition = 1, .seq = 6, .shown = 2, .reason = ""}};
  EXPECT_EQ(ReadHistory(path), expected);
}

}  // namespace
}  // namespace jalon::demo
