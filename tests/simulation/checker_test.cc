// The checker is tested on histories: a true one, and for each invariant one that breaks it.
#include "tests/simulation/checker.h"

#include <gtest/gtest.h>

namespace jalon::eventstore::simulation {
namespace {

using Kind = Outcome::Kind;

Answer Accepted(uint64_t seq, std::string reply) {
  Answer answer;
  answer.kind = Kind::kAccepted;
  answer.seq = seq;
  answer.recorded_at = static_cast<int64_t>(seq) * 100;
  answer.reply = std::move(reply);
  return answer;
}

Answer Refused(uint64_t seq, std::string key, int64_t value) {
  Answer answer;
  answer.kind = Kind::kRefused;
  answer.seq = seq;
  answer.refused_key = std::move(key);
  answer.refused_value = value;
  return answer;
}

Answer Failed(std::string reason) {
  Answer answer;
  answer.reason = std::move(reason);
  return answer;
}

// Counter a goes to 60 at seq 1 and to 70 at seq 3, around a barrier; +50 is refused in between; a
// third operation was never answered and left its record at seq 4.
class CheckerTest : public ::testing::Test {
 protected:
  CheckerTest() {
    history_.operations = {{"first", {{"a", 60}}},
                           {"second", {{"a", 50}}},
                           {"third", {{"a", 10}}},
                           {"fourth", {{"b", 5}}}};
    Attempted(0, 10, 20, Accepted(1, "60"));
    Attempted(1, 30, 40, Refused(2, "a", 60));
    Attempted(2, 50, 60, Accepted(3, "70"));
    history_.attempts.push_back({3, 1, Micros{70}, std::nullopt, std::nullopt});
    history_.log = {{1, 100, "first", "60", {{"a", 60, 1}}},
                    {2, 200, "", "", {}},
                    {3, 300, "third", "70", {{"a", 10, 2}}},
                    {4, 400, "fourth", "5", {{"b", 5, 1}}}};
  }

  void Attempted(size_t operation, int64_t sent_at, int64_t received_at, Answer answer) {
    answer.given_at = Micros{received_at - 1};
    history_.attempts.push_back(
        {operation, 1, Micros{sent_at}, std::move(answer), Micros{received_at}});
  }
  void Expect(const std::string& invariant, const std::string& words) {
    std::string all;
    for (const std::string& violation : Check(history_)) {
      if (violation.starts_with(invariant) && violation.find(words) != violation.npos) return;
      all += violation + "\n";
    }
    ADD_FAILURE() << "the checker did not see: " << words << "; it saw:\n" << all;
  }

  History history_;
};

TEST_F(CheckerTest, ATrueHistoryIsFine) {
  Attempted(3, 80, 90, Accepted(4, "5"));  // the retry of what was unknown
  Attempted(0, 80, 90, Accepted(1, "60"));
  EXPECT_EQ(Check(history_), std::vector<std::string>{});
}

TEST_F(CheckerTest, AcknowledgedAndNotThere) {
  history_.log.pop_back();
  Attempted(3, 80, 90, Accepted(4, "5"));
  Expect("1", "not in the log");
}

TEST_F(CheckerTest, AcknowledgedElsewhere) {
  history_.attempts[2].answer->seq = 4;
  Expect("1", "is at 3 and was acknowledged at 4");
}

TEST_F(CheckerTest, AcknowledgedWithAnotherAnswer) {
  history_.attempts[2].answer->reply = "71";
  Expect("1", "acknowledged");
}

TEST_F(CheckerTest, ThereTwice) {
  history_.log.push_back({5, 500, "third", "80", {{"a", 10, 3}}});
  Expect("1", "twice");
}

TEST_F(CheckerTest, NobodySentIt) {
  history_.log.push_back({5, 500, "nobody's", "80", {{"a", 10, 3}}});
  Expect("2", "nobody sent");
}

TEST_F(CheckerTest, NotWhatWasSent) {
  history_.log[2].changes[0].delta = 11;
  Expect("2", "not what its request asked for");
}

TEST_F(CheckerTest, RefusedAndThere) {
  history_.log.push_back({5, 500, "second", "120", {{"a", 50, 3}}});
  Expect("3", "was refused or failed, and is in the log");
}

TEST_F(CheckerTest, FailedForSureAndThere) {
  history_.attempts[3].answer = Failed("NOT_OWNER");
  Expect("3", "was refused or failed, and is in the log");
}

TEST_F(CheckerTest, RefusedOnWhatNeverWas) {
  history_.attempts[1].answer = Refused(2, "a", 75);
  Expect("3", "where a was not at 75");
}

TEST_F(CheckerTest, RefusedBeyondTheLog) {
  history_.attempts[1].answer = Refused(9, "a", 60);
  Expect("3", "the log ends at 4");
}

TEST_F(CheckerTest, ARetryGetsAnotherAnswer) {
  Attempted(0, 80, 90, Accepted(4, "60"));
  Expect("3", "was told 1 and then 4");
}

TEST_F(CheckerTest, NothingToDoOnWhatNeverWas) {
  history_.operations.push_back({"nothing", {{"a", 0}}});
  Answer nothing = Accepted(4, "71");
  nothing.kind = Kind::kNothingToDo;
  Attempted(4, 80, 90, nothing);
  Expect("3", "nothing to do at 4");
}

TEST_F(CheckerTest, AGapInTheLog) {
  history_.log[3].seq = 5;
  Expect("4", "stands where");
}

TEST_F(CheckerTest, AGapInTheVersions) {
  history_.log[2].changes[0].version = 3;
  Expect("4", "versions of a");
}

TEST_F(CheckerTest, DatedBack) {
  history_.log[2].recorded_at = 150;
  Expect("4", "dated back");
}

TEST_F(CheckerTest, AcceptedAgainstTheRule) {
  history_.log.push_back({5, 500, "second", "120", {{"a", 50, 3}}});
  Expect("4", "should be refused");
}

TEST_F(CheckerTest, AcknowledgedBeforeAndPlacedAfter) {
  history_.attempts[0].sent_at = Micros{65};  // sent when the one at 3 was acknowledged
  history_.attempts[0].received_at = Micros{66};
  Expect("5", "1 was sent when 3 was acknowledged");
}

TEST_F(CheckerTest, RefusedOnAStaleState) {
  history_.attempts[1].sent_at = Micros{65};
  history_.attempts[1].received_at = Micros{66};
  Expect("5", "refused on the state at 2, when 3 was acknowledged");
}

TEST_F(CheckerTest, ACutExcusesWhatItTook) {
  history_.log.resize(2);
  history_.cut = Cut{Micros{65}, true, 2, {{1, 3}}};
  EXPECT_EQ(Check(history_), std::vector<std::string>{});
  Attempted(2, 80, 90, Accepted(3, "70"));  // the same writer repeats what it had counted
  EXPECT_EQ(Check(history_), std::vector<std::string>{});
  Attempted(3, 80, 90, Accepted(4, "5"));  // and cannot know this
  Expect("1", "after the log was cut");
}

TEST_F(CheckerTest, ACutExcusesNothingElse) {
  history_.log.resize(2);
  history_.cut = Cut{Micros{55}, true, 2, {}};  // the answer at 59 came after it
  Expect("1", "not in the log");
}

}  // namespace
}  // namespace jalon::eventstore::simulation
