// Duties by day, and copies that share what does not change.
#include "services/domain/model/stay.h"

#include <gtest/gtest.h>

#include "eventstore/base/archive.h"
#include "services/domain/model/student.h"

namespace jalon::domain {
namespace {

TEST(Duty, IsHeldFromADayUntilSomebodyElseHoldsIt) {
  Duty duty;
  EXPECT_EQ(duty.HolderOn(20260901), nullptr);
  duty.Hand({.person_id = "luc", .from_on = 20260901, .fact = {}});
  duty.Hand({.person_id = "zoe", .from_on = 20260921, .fact = {}});
  EXPECT_EQ(duty.HolderOn(20260831), nullptr);
  EXPECT_TRUE(duty.Held("luc", 20260920));
  EXPECT_FALSE(duty.Held("luc", 20260921));
  EXPECT_TRUE(duty.Held("zoe", 20261231));
  EXPECT_EQ(duty.SucceededOn("luc"), 20260921u);
  EXPECT_EQ(duty.SucceededOn("zoe"), 0u);
  EXPECT_EQ(duty.SucceededOn("max"), 0u);
}

TEST(Duty, MayBeHandedOverBetweenTwoAndTakenBack) {
  Duty duty;
  duty.Hand({.person_id = "luc", .from_on = 20260901, .fact = {}});
  duty.Hand({.person_id = "zoe", .from_on = 20260921, .fact = {}});
  duty.Hand({.person_id = "max", .from_on = 20260910, .fact = {}});
  EXPECT_TRUE(duty.Held("max", 20260915));
  EXPECT_TRUE(duty.Held("zoe", 20260921));
  EXPECT_EQ(duty.SucceededOn("luc"), 20260910u);
  duty.Hand({.person_id = "luc", .from_on = 20261001, .fact = {}});
  EXPECT_EQ(duty.SucceededOn("luc"), 0u);
  EXPECT_EQ(duty.SucceededOn("zoe"), 20261001u);
}

TEST(Duty, OfTwoFromTheSameDayTheLastOneCounts) {
  Duty duty;
  duty.Hand({.person_id = "luc", .from_on = 20260901, .fact = {}});
  duty.Hand({.person_id = "zoe", .from_on = 20260901, .fact = {}});
  EXPECT_TRUE(duty.Held("zoe", 20260901));
  EXPECT_TRUE(duty.EverHeld("luc"));
  EXPECT_EQ(duty.SucceededOn("luc"), 20260901u);
}

StudentState StudentWithAStay() {
  Stay stay;
  stay.id = "student0stay0000";
  TrainingPlan plan;
  plan.activities = {{.code = "a1", .planned_minutes = 60, .shares = {}, .objectives = {"o1"}},
                     {.code = "a2", .planned_minutes = 60, .shares = {}, .objectives = {"o2"}}};
  plan.objectives = {"o1", "o2"};
  stay.plan = PlanRef({}, std::make_shared<const TrainingPlan>(plan));
  stay.outcomes.resize(2);
  stay.estimates.resize(2);
  MakeUp make_up;
  make_up.activity = 1;
  stay.make_ups = {make_up};
  stay.days = {{.worked_on = 20260901, .logged = 60, .confirmed = 0},
               {.worked_on = 20260903, .logged = 30, .confirmed = 30}};
  StudentState student;
  student.stays.emplace_back(stay);
  return student;
}

TEST(Stay, FindsWhatIsPlanned) {
  const StudentState student = StudentWithAStay();
  const Stay* stay = student.FindStay("student0stay0000");
  ASSERT_NE(stay, nullptr);
  EXPECT_NE(stay->FindOutcome("a2"), nullptr);
  EXPECT_EQ(stay->FindOutcome("a3"), nullptr);
  EXPECT_EQ(stay->FindMakeUp("a1"), nullptr);
  EXPECT_NE(stay->FindMakeUp("a2"), nullptr);
  EXPECT_NE(stay->FindDay(20260903), nullptr);
  EXPECT_EQ(stay->FindDay(20260902), nullptr);
  EXPECT_EQ(stay->plan->IndexOfObjective("o2"), 1u);
  EXPECT_EQ(stay->plan->IndexOfObjective("o3"), std::nullopt);
  EXPECT_EQ(stay->plan->PlannedMinutes(), 120u);
}

TEST(Shared, IsChangedForOneCopyOnly) {
  const StudentState before = StudentWithAStay();
  StudentState after = before;
  EXPECT_EQ(&*before.stays[0], &*after.stays[0]);  // copied by pointer
  after.stays[0].Change([](Stay& stay) { stay.logged_minutes = 7; });
  EXPECT_EQ(before.stays[0]->logged_minutes, 0u);
  EXPECT_EQ(after.stays[0]->logged_minutes, 7u);
  EXPECT_EQ(&*before.stays[0]->plan, &*after.stays[0]->plan);  // what did not change is shared
  EXPECT_NE(before, after);
}

TEST(Shared, GoesThroughItsBytesAndIsWeighed) {
  const StudentState student = StudentWithAStay();
  std::string bytes;
  Encode(student, &bytes);
  StudentState back;
  ASSERT_TRUE(Decode(bytes, &back));
  EXPECT_EQ(back, student);
  EXPECT_GT(Weigh(student), sizeof(StudentState) + sizeof(Stay) + sizeof(TrainingPlan));
  bytes.resize(bytes.size() - 1);
  EXPECT_FALSE(Decode(bytes, &back));
}

}  // namespace
}  // namespace jalon::domain
