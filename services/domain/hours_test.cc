// R3: what stays take of the allotted hours, and how an activity's time is shared among modules.
#include "services/domain/hours.h"

#include <gtest/gtest.h>

namespace jalon::domain {
namespace {

using Shares = std::vector<ModuleMinutes>;

TEST(ShareOut, IsInProportionAndAddsUp) {
  EXPECT_EQ(ShareOut(90, {{"a", 1}, {"b", 2}}), (Shares{{"a", 30}, {"b", 60}}));
  EXPECT_EQ(ShareOut(0, {{"a", 1}, {"b", 2}}), (Shares{{"a", 0}, {"b", 0}}));
  EXPECT_EQ(ShareOut(10, {}), Shares{});
}

TEST(ShareOut, GivesWhatDoesNotDivideToTheLargestRemainder) {
  EXPECT_EQ(ShareOut(10, {{"a", 1}, {"b", 2}}), (Shares{{"a", 3}, {"b", 7}}));
  EXPECT_EQ(ShareOut(1, {{"a", 1}, {"b", 1}, {"c", 1}}), (Shares{{"a", 1}, {"b", 0}, {"c", 0}}));
}

TEST(ShareOut, IsEqualWhereNothingWeighs) {
  EXPECT_EQ(ShareOut(7, {{"a", 0}, {"b", 0}}), (Shares{{"a", 4}, {"b", 3}}));
}

TEST(ShareOut, AddsUpForManyWeights) {
  for (uint32_t minutes = 0; minutes < 500; minutes += 7) {
    uint32_t total = 0;
    for (const auto& share : ShareOut(minutes, {{"a", 13}, {"b", 7}, {"c", 1}, {"d", 0}})) {
      total += share.minutes;
    }
    EXPECT_EQ(total, minutes);
  }
}

TEST(PlanActivity, SharesItsTimeByTheObjectivesInEachModule) {
  SequenceVersion sequence;
  sequence.objectives = {{"o1", "braking", ""}, {"o2", "braking", ""}, {"o3", "wheels", ""}};
  const SequenceActivity activity{.code = "a5",
                                  .planned_minutes = 100,
                                  .objectives = {"o1", "o2", "o3"},
                                  .modules = {"braking", "wheels"}};
  const PlannedActivity planned = PlanActivity(sequence, activity, 60);
  EXPECT_EQ(planned.planned_minutes, 60u);
  EXPECT_EQ(planned.shares, (Shares{{"braking", 40}, {"wheels", 20}}));
  EXPECT_EQ(planned.objectives, activity.objectives);
}

Stay StayOf(type::v1::StayState state, type::v1::OutcomeKind outcome) {
  Stay stay;
  stay.state = state;
  stay.type = type::v1::SEQUENCE_TYPE_DEVELOPMENT;
  stay.programme_code = "5830";
  TrainingPlan plan;
  plan.activities = {
      {.code = "a1", .planned_minutes = 60, .shares = {{"m", 60}}, .objectives = {}}};
  stay.plan = PlanRef({}, std::make_shared<const TrainingPlan>(plan));
  stay.outcomes = {{.kind = outcome, .cause = {}, .fact = {}}};
  stay.added = {{"m", 10}};
  return stay;
}

uint32_t PlannedOf(const Stay& stay) {
  StudentState student;
  student.stays.emplace_back(stay);
  return MinutesOf(HoursTakenBy(student, "5830").planned, "m");
}

TEST(HoursTakenBy, CountsWhatIsPlannedOnceAndNotWhatWillNeverBe) {
  using namespace type::v1;  // NOLINT(google-build-using-namespace): the enums of a stay
  EXPECT_EQ(PlannedOf(StayOf(STAY_STATE_PLANNED, OUTCOME_KIND_UNSPECIFIED)), 60u);
  EXPECT_EQ(PlannedOf(StayOf(STAY_STATE_STARTED, OUTCOME_KIND_NOT_PERFORMED)), 60u);
  EXPECT_EQ(PlannedOf(StayOf(STAY_STATE_ENDED, OUTCOME_KIND_PARTLY)), 60u);
  EXPECT_EQ(PlannedOf(StayOf(STAY_STATE_ENDED, OUTCOME_KIND_NOT_PERFORMED)), 0u);
  EXPECT_EQ(PlannedOf(StayOf(STAY_STATE_CANCELLED, OUTCOME_KIND_UNSPECIFIED)), 0u);
}

TEST(HoursTakenBy, LeavesOutAnotherProgrammeAndImplementation) {
  Stay stay = StayOf(type::v1::STAY_STATE_PLANNED, type::v1::OUTCOME_KIND_UNSPECIFIED);
  stay.type = type::v1::SEQUENCE_TYPE_IMPLEMENTATION;
  EXPECT_EQ(PlannedOf(stay), 0u);
  stay.type = type::v1::SEQUENCE_TYPE_OBSERVATION;
  EXPECT_EQ(PlannedOf(stay), 60u);
  stay.programme_code = "5745";
  EXPECT_EQ(PlannedOf(stay), 0u);
}

TEST(PoolOf, AddsUpAllottedAndAddedHours) {
  ProgrammeState programme;
  programme.modules = {{.code = "m", .allotted_minutes = 100, .elements = {}, .criteria = {}},
                       {.code = "n", .allotted_minutes = 50, .elements = {}, .criteria = {}}};
  HoursTaken taken;
  taken.planned = {{"m", 115}, {"n", 40}};
  taken.added = {{"m", 10}};
  EXPECT_TRUE(PoolOf(programme, taken, {"m"}).IsExceeded());
  EXPECT_FALSE(PoolOf(programme, taken, {"m", "n"}).IsExceeded());
  EXPECT_EQ(PoolOf(programme, taken).allowed, 160u);
  EXPECT_EQ(PoolOf(programme, taken).planned, 155u);
  EXPECT_EQ(PoolOf(programme, taken, {"unknown"}).allowed, 0u);
}

}  // namespace
}  // namespace jalon::domain
