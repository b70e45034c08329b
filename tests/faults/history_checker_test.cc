// A sound history passes, and forged ones for each invariant are caught, each by its own check.
#include "tests/faults/history_checker.h"

#include <gtest/gtest.h>

namespace jalon::faults {
namespace {

using Kind = Fact::Kind;

constexpr uint32_t kPartition = 1;

Fact Sent(std::string id) { return {Kind::kSent, std::move(id), 0, 0, 0, ""}; }
Fact Acked(std::string id, uint64_t seq) {
  return {Kind::kAcked, std::move(id), kPartition, seq, 0, ""};
}
Fact Refused(std::string id, std::string reason = "NO_TARGET") {
  return {Kind::kRefused, std::move(id), 0, 0, 0, std::move(reason)};
}
Fact Asked(std::string id, uint64_t min_seq) {
  return {Kind::kAsked, std::move(id), 0, min_seq, 0, ""};
}
Fact Read(std::string id, uint64_t as_of, uint64_t shown) {
  return {Kind::kRead, std::move(id), kPartition, as_of, shown, ""};
}

// a at 1; b at 2, after it, which set the policy; c refused; d unknown and absent.
const History kHistory = {Sent("a"),       Acked("a", 1), Asked("p", 1),  Sent("b"),
                          Sent("c"),       Acked("b", 2), Refused("c"),   Sent("d"),
                          Read("p", 1, 0), Asked("q", 0), Read("q", 2, 1)};
Held Sound() {
  return {.places = {{"a", {{kPartition, 1}}}, {"b", {{kPartition, 2}}}},
          .heads = {{kPartition, 2}},
          .barriers = {},
          .policy_sets = {{kPartition, {2}}}};
}
// One record more, of that command.
Held SoundAnd(const std::string& id) {
  Held held = Sound();
  held.places[id].emplace_back(kPartition, 3);
  held.heads[kPartition] = 3;
  return held;
}
History With(std::initializer_list<Fact> more) {
  History history = kHistory;
  history.insert(history.end(), more);
  return history;
}

Verdict Judge(const History& history, const Held& held, ServedBy served_by = ServedBy::kOneServer) {
  return Check({history}, held, {.served_by = served_by, .may_be_refused = {"NO_TARGET"}});
}

// The invariants that the faults name, each once.
std::string Broken(const History& history, const Held& held) {
  std::string broken;
  for (const std::string& fault : Judge(history, held).faults) {
    if (!broken.contains(fault[0])) broken += fault[0];
  }
  return broken;
}

TEST(Checker, ASoundHistoryHolds) {
  const Verdict verdict = Judge(kHistory, Sound());
  EXPECT_TRUE(verdict.faults.empty()) << verdict.faults[0];
  EXPECT_EQ(verdict.acked, 2u);
  EXPECT_EQ(verdict.refused, 1u);
  EXPECT_EQ(verdict.unknown, 1u);
  EXPECT_EQ(verdict.reads, 2u);
  EXPECT_EQ(verdict.reads_after, 1u);
}

TEST(Checker, AnUnknownOutcomeMayBeThereOnce) { EXPECT_EQ(Broken(kHistory, SoundAnd("d")), ""); }

TEST(Checker, CatchesALostCommand) {
  Held held = Sound();
  held.places.erase("b");
  EXPECT_EQ(Broken(kHistory, held), "14");
}

TEST(Checker, CatchesADoubledCommand) { EXPECT_EQ(Broken(kHistory, SoundAnd("a")), "1"); }

TEST(Checker, CatchesAMovedCommand) {
  Held held = SoundAnd("b");
  held.places["b"] = {{kPartition, 3}};
  held.places["d"] = {{kPartition, 2}};
  EXPECT_EQ(Broken(kHistory, held), "1");
}

TEST(Checker, CatchesTwoPlacesAcknowledgedForOneCommand) {
  EXPECT_EQ(Broken(With({Acked("b", 9)}), Sound()), "1");
}

TEST(Checker, CatchesARecordThatNobodySent) { EXPECT_EQ(Broken(kHistory, SoundAnd("x")), "2"); }

TEST(Checker, CatchesARefusedCommandThatLeftARecord) {
  EXPECT_EQ(Broken(kHistory, SoundAnd("c")), "3");
}

TEST(Checker, CatchesACommandOfUnknownOutcomeThatIsThereTwice) {
  Held held = SoundAnd("d");
  held.places["d"].emplace_back(kPartition, 4);
  held.heads[kPartition] = 4;
  EXPECT_EQ(Broken(kHistory, held), "3");
}

TEST(Checker, CatchesAGap) {
  Held held = Sound();
  held.heads[kPartition] = 3;
  EXPECT_EQ(Broken(kHistory, held), "4");
}

TEST(Checker, CatchesTwoCommandsAtOnePlace) {
  Held held = Sound();
  held.places["d"] = {{kPartition, 2}};
  EXPECT_EQ(Broken(kHistory, held), "4");
}

TEST(Checker, CatchesAnOrderThatTimeForbids) {
  const History history = {Sent("a"), Acked("a", 2), Sent("b"), Acked("b", 1)};
  Held held = Sound();
  held.places = {{"a", {{kPartition, 2}}}, {"b", {{kPartition, 1}}}};
  EXPECT_EQ(Broken(history, held), "5");
}

TEST(Checker, CatchesAnAnswerBeforeItsMinPosition) {
  EXPECT_EQ(
      Broken({Sent("a"), Acked("a", 1), Sent("b"), Acked("b", 2), Asked("q", 2), Read("q", 1, 0)},
             Sound()),
      "6");
}

TEST(Checker, CatchesAQuestionThatFailed) {
  EXPECT_EQ(Broken(With({Asked("r", 2), Refused("r")}), Sound()), "6");
}

TEST(Checker, CatchesAnAnswerThatLacksWhatItsAsOfHolds) {
  EXPECT_EQ(Broken(With({Asked("r", 2), Read("r", 2, 0)}), Sound()), "7");
}

TEST(Checker, CatchesAnAnswerThatShowsMoreThanItsAsOfHolds) {
  EXPECT_EQ(
      Broken({Sent("a"), Acked("a", 1), Sent("b"), Acked("b", 2), Asked("q", 0), Read("q", 1, 1)},
             Sound()),
      "7");
}

TEST(Checker, CatchesAnAnswerAsOfARecordThatIsNotThere) {
  EXPECT_EQ(Broken(With({Asked("r", 2), Read("r", 3, 1)}), Sound()), "7");
}

TEST(Checker, CatchesASessionThatGoesBackwards) {
  EXPECT_EQ(Broken(With({Asked("r", 0), Read("r", 1, 0)}), Sound()), "8");
}

TEST(Checker, CountsWhatIsLostAndWhatIsDoubled) {
  EXPECT_EQ(Judge(kHistory, Sound()).lost + Judge(kHistory, Sound()).doubled, 0u);
  EXPECT_EQ(Judge(kHistory, SoundAnd("a")).doubled, 1u);
  Held held = Sound();
  held.places.erase("b");
  EXPECT_EQ(Judge(kHistory, held).lost, 1u);
}

// A server that answers INTERNAL, or that its queue is full, has failed its client, whatever the
// log holds.
TEST(Checker, CatchesAReasonThatNobodyProvoked) {
  for (const char* reason : {"INTERNAL", "QUEUE_FULL", "NOT_FOUND", "KEYS_UNREACHABLE", "?"}) {
    EXPECT_EQ(Broken(With({Sent("e"), Refused("e", reason)}), Sound()), "9") << reason;
  }
  EXPECT_EQ(Broken(With({Sent("e"), Refused("e")}), Sound()), "");
}

TEST(Checker, CatchesARefusalOfWhatWasAcknowledged) {
  EXPECT_EQ(Broken(With({Refused("b")}), Sound()), "9");
  EXPECT_EQ(Broken(With({Acked("b", 2)}), Sound()), "");  // sent again, and told the same
  EXPECT_EQ(Broken(With({Acked("b", 1)}), Sound()), "15");
}

// What one client was told before another one sent something nobody knows; what they were told of
// one command must agree.
TEST(Checker, JudgesSeveralClientsTogether) {
  const History one = {Sent("a"), Acked("a", 2)};
  const History other = {Sent("b"), Acked("b", 1)};
  Held held = Sound();
  held.places = {{"a", {{kPartition, 2}}}, {"b", {{kPartition, 1}}}};
  EXPECT_TRUE(Check({one, other}, held, {}).faults.empty());
  EXPECT_FALSE(Check({one}, held, {}).faults.empty());  // b is nobody's
  EXPECT_FALSE(Check({one, other, {Acked("a", 1)}}, held, {}).faults.empty());
}

// q was asked before p was answered: either may be the later one.
TEST(Checker, LetsQuestionsThatCrossedBeAnsweredInAnyOrder) {
  EXPECT_EQ(Broken(With({Asked("r", 0), Asked("s", 0), Read("s", 2, 1), Read("r", 2, 1)}), Sound()),
            "");
  EXPECT_EQ(Broken({Sent("a"), Acked("a", 1), Sent("b"), Acked("b", 2), Asked("q", 0),
                    Asked("p", 0), Read("p", 2, 1), Read("q", 1, 0)},
                   Sound()),
            "");
}

// A record that is no command takes a place too; one that is neither is a fault.
TEST(Checker, BarriersTakeAPlace) {
  Held held = Sound();
  held.heads[kPartition] = 3;
  EXPECT_FALSE(Judge(kHistory, held).faults.empty());
  held.barriers[kPartition] = 1;
  EXPECT_TRUE(Judge(kHistory, held).faults.empty());
}

// Each of several servers has a time of its own: only what one of them says goes forward.
TEST(Checker, OfSeveralServersOneMayBeBehindAnother) {
  const History behind = With({Asked("r", 0), Read("r", 1, 0)});
  EXPECT_FALSE(Judge(behind, Sound()).faults.empty());
  EXPECT_TRUE(Judge(behind, Sound(), ServedBy::kSeveral).faults.empty());
  const History asked = With({Asked("r", 2), Read("r", 1, 0)});
  EXPECT_FALSE(Judge(asked, Sound(), ServedBy::kSeveral).faults.empty());
}

}  // namespace
}  // namespace jalon::faults
