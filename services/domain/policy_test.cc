#include "services/domain/policy.h"

#include <gtest/gtest.h>

#include <set>

namespace jalon::domain {
namespace {

PolicyEntry Gate(uint32_t version, LocalDate effective_on, const std::string& choice) {
  school::v1::PolicySetting setting;
  setting.set_key("makeup_gate");
  setting.set_choice(choice);
  return {.key = "makeup_gate",
          .effective_on = effective_on,
          .policy_version = version,
          .setting = setting.SerializeAsString(),
          .fact = {.seq = version}};
}

std::string GateOn(const SchoolState& school, LocalDate date) {
  return Policy(school, date).Setting(PolicyKey::kMakeUpGate).choice();
}

TEST(Policy, HasDefaultsWhileASchoolSaysNothing) {
  const SchoolState school;
  const Policy policy(school, 20260901);
  EXPECT_TRUE(policy.Is(PolicyKey::kMakeUpGate, "COMPLETED"));
  EXPECT_EQ(policy.Number(PolicyKey::kBackdatingDays), 30u);
  EXPECT_EQ(policy.Words(PolicyKey::kEstimateScale).size(), 4u);
  EXPECT_EQ(policy.Version(), 0u);
}

TEST(Policy, CountsFromItsDayOn) {
  SchoolState school;
  school.policy = {Gate(1, 20260901, "PLANNED")};
  EXPECT_EQ(GateOn(school, 20260831), "COMPLETED");
  EXPECT_EQ(Policy(school, 20260831).Version(), 0u);
  EXPECT_EQ(GateOn(school, 20260901), "PLANNED");
  EXPECT_EQ(Policy(school, 20260901).Version(), 1u);
  EXPECT_EQ(Policy(school, 20260901).Fact(PolicyKey::kMakeUpGate).seq, 1u);
}

TEST(Policy, TakesTheLaterInEffectAndThenTheLaterSet) {
  SchoolState school;
  school.policy = {Gate(1, 20270101, "PLANNED"), Gate(2, 20260901, "COMPLETED"),
                   Gate(3, 20270101, "COMPLETED")};
  EXPECT_EQ(GateOn(school, 20261231), "COMPLETED");
  EXPECT_EQ(GateOn(school, 20270101), "COMPLETED");
  school.policy.pop_back();
  EXPECT_EQ(GateOn(school, 20270101), "PLANNED");
}

TEST(PolicyTable, NamesEachKeyOnceAndAllowsItsDefault) {
  std::set<std::string_view> names;
  std::set<PolicyKey> keys;
  for (const PolicyRow& row : PolicyTable()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(keys.insert(row.key).second) << row.name;
    EXPECT_TRUE(IsAllowed(row, DefaultSetting(row))) << row.name;
    EXPECT_FALSE(row.citation.empty()) << row.name;
    EXPECT_EQ(&RowOf(row.key), FindPolicyRow(row.name));
  }
}

TEST(PolicyTable, RefusesValuesOfAnotherKindOrRange) {
  school::v1::PolicySetting setting;
  setting.set_choice("SOMETIMES");
  EXPECT_FALSE(IsAllowed(RowOf(PolicyKey::kMakeUpGate), setting));
  setting.set_number(367);
  EXPECT_FALSE(IsAllowed(RowOf(PolicyKey::kMakeUpGate), setting));
  EXPECT_FALSE(IsAllowed(RowOf(PolicyKey::kReportDueDays), setting));
  setting.mutable_dates()->add_dates(20260231);
  EXPECT_FALSE(IsAllowed(RowOf(PolicyKey::kCalendar), setting));
}

TEST(PolicyTable, KeepsDigitsAndRepeatsOutOfTheScale) {
  school::v1::PolicySetting setting;
  setting.mutable_words()->add_words("alone");
  EXPECT_TRUE(IsAllowed(RowOf(PolicyKey::kEstimateScale), setting));
  setting.mutable_words()->add_words("alone");
  EXPECT_FALSE(IsAllowed(RowOf(PolicyKey::kEstimateScale), setting));
  setting.mutable_words()->set_words(1, "4 of 5");
  EXPECT_FALSE(IsAllowed(RowOf(PolicyKey::kEstimateScale), setting));
}

}  // namespace
}  // namespace jalon::domain
