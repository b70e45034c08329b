// The checker itself: a sound history passes, and one forged history per invariant is caught.
#include "tests/faults/history.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace jalon::faults {
namespace {

using Kind = Fact::Kind;

Fact Sent(std::string id) { return {Kind::kSent, std::move(id), 0, 0, ""}; }
Fact Acked(std::string id, uint64_t seq) { return {Kind::kAcked, std::move(id), 1, seq, ""}; }
Fact Refused(std::string id) { return {Kind::kRefused, std::move(id), 0, 0, "NO_TARGET"}; }

// a at 5, b at 6 after it, c refused, d unknown and absent; the log had 4 records before.
const History kHistory = {Sent("a"),     Acked("a", 5), Sent("b"), Sent("c"),
                          Acked("b", 6), Refused("c"),  Sent("d")};
Held Sound() { return {{{"a", {{1, 5}}}, {"b", {{1, 6}}}}, {{1, 6}}, {{1, 4}}}; }

TEST(Checker, ASoundHistoryHolds) {
  const Verdict verdict = Check(kHistory, Sound());
  EXPECT_TRUE(verdict.faults.empty()) << verdict.faults[0];
  EXPECT_EQ(verdict.acked, 2u);
  EXPECT_EQ(verdict.refused, 1u);
  EXPECT_EQ(verdict.unknown, 1u);
}

TEST(Checker, AnUnknownOutcomeMayBeThereOnce) {
  Held held = Sound();
  held.places["d"] = {{1, 7}};
  held.heads[1] = 7;
  EXPECT_TRUE(Check(kHistory, held).faults.empty());
}

TEST(Checker, CatchesALostCommand) {
  Held held = Sound();
  held.places.erase("b");
  held.heads[1] = 5;
  EXPECT_FALSE(Check(kHistory, held).faults.empty());
}

TEST(Checker, CatchesADoubledCommand) {
  Held held = Sound();
  held.places["a"].push_back({1, 7});
  held.heads[1] = 7;
  EXPECT_FALSE(Check(kHistory, held).faults.empty());
}

TEST(Checker, CatchesAMovedCommand) {
  Held held = Sound();
  held.places["b"] = {{1, 7}};
  held.heads[1] = 7;
  EXPECT_FALSE(Check(kHistory, held).faults.empty());
}

TEST(Checker, CatchesARefusedCommandThatLeftARecord) {
  Held held = Sound();
  held.places["c"] = {{1, 7}};
  held.heads[1] = 7;
  EXPECT_FALSE(Check(kHistory, held).faults.empty());
}

TEST(Checker, CatchesARecordThatNobodySent) {
  Held held = Sound();
  held.places["x"] = {{1, 7}};
  held.heads[1] = 7;
  EXPECT_FALSE(Check(kHistory, held).faults.empty());
}

TEST(Checker, CatchesAGap) {
  Held held = Sound();
  held.heads[1] = 8;
  EXPECT_FALSE(Check(kHistory, held).faults.empty());
}

TEST(Checker, CatchesAnOrderThatTimeForbids) {
  const History history = {Sent("a"), Acked("a", 6), Sent("b"), Acked("b", 5)};
  const Held held = {{{"a", {{1, 6}}}, {"b", {{1, 5}}}}, {{1, 6}}, {{1, 4}}};
  EXPECT_FALSE(Check(history, held).faults.empty());
}

TEST(Checker, CatchesTwoPlacesAcknowledgedForOneCommand) {
  History history = kHistory;
  history.push_back(Acked("a", 9));
  EXPECT_FALSE(Check(history, Sound()).faults.empty());
}

TEST(History, IsReadAsItWasRecordedAndLeavesATornLineOut) {
  const std::string path = testing::TempDir() + "/history.txt";
  std::remove(path.c_str());
  {
    Recorder recorder(path);
    recorder.Sent("a");
    recorder.Acked("a", 1, 5);
    recorder.Sent("c");
    recorder.Refused("c", "NO_TARGET");
  }
  std::ofstream(path, std::ios::app) << "acked b 1";
  EXPECT_EQ(Read(path), (History{Sent("a"), Acked("a", 5), Sent("c"), Refused("c")}));
}

}  // namespace
}  // namespace jalon::faults
