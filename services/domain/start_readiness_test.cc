// What a start lacks, cause by cause (R5, R13, R19, R22).
#include "services/domain/start_readiness.h"

#include <gtest/gtest.h>

#include "services/domain/reasons.h"

namespace jalon::domain {
namespace {

constexpr uint32_t kStart = 20260908;

FactRef On(uint32_t date) {
  return {.seq = 1, .index = 0, .type = 0, .occurred_on = date, .recorded_at = 0};
}

StartReadinessFacts AllThere() {
  StartReadinessFacts facts;
  facts.plan_version = 2;
  facts.scheduled = On(20260820);
  facts.answered_plan_version = 2;
  facts.accepted = true;
  facts.answered = On(20260901);
  facts.has_tutor = true;
  facts.has_supervisor = true;
  facts.supervision_agreed = true;
  facts.agreed = On(20260902);
  facts.attestations = {{.until_on = 20270901, .fact = On(20260901)}};
  facts.prepared_on = 20260903;
  facts.prepared = On(20260903);
  return facts;
}

std::string Names(const std::vector<Violation>& findings) {
  std::string names;
  for (const Violation& finding : findings) {
    if (!names.empty()) names += " ";
    names += ReasonName(finding.reason);
    if (!finding.cause.empty()) names += "/" + finding.cause;
    for (const std::string& subject : finding.subjects) names += ":" + subject;
  }
  return names;
}

std::string Lacks(const StartReadinessFacts& facts, uint32_t on = kStart) {
  return Names(ReadinessToStart(facts, on).lacking);
}

TEST(StartReadiness, IsReadyWhenAllIsThere) {
  const StartReadiness readiness = ReadinessToStart(AllThere(), kStart);
  EXPECT_TRUE(readiness.ready());
  EXPECT_TRUE(readiness.warnings.empty());
}

TEST(StartReadiness, R10AStartOnAnotherDayFindsASeat) {
  StartReadinessFacts facts = AllThere();
  facts.full_on = kStart;
  facts.full = On(20260901);
  EXPECT_EQ(Lacks(facts), "HOSTING_CAPACITY_EXCEEDED/FULL_ON_2026-09-08");
}

TEST(StartReadiness, R5ThePlanIsAcceptedAsItStands) {
  StartReadinessFacts facts = AllThere();
  facts.answered_plan_version = 1;
  EXPECT_EQ(Lacks(facts), "PLAN_NOT_ACCEPTED/EARLIER_PLAN");
  facts.accepted = false;
  EXPECT_EQ(Lacks(facts), "PLAN_NOT_ACCEPTED/DECLINED");
  facts.answered_plan_version = 0;
  EXPECT_EQ(Lacks(facts), "PLAN_NOT_ACCEPTED/NOT_ANSWERED");
}

TEST(StartReadiness, R13TheResourcesAreAttestedAndGapsMitigated) {
  StartReadinessFacts facts = AllThere();
  facts.attestations[0].until_on = kStart - 1;
  EXPECT_EQ(Lacks(facts), "RESOURCES_NOT_ATTESTED/EXPIRED");
  facts.attestations = {};
  EXPECT_EQ(Lacks(facts), "RESOURCES_NOT_ATTESTED/NOT_ATTESTED");
  facts = AllThere();
  facts.gaps = {{.number = 3, .activities = {"a3"}, .mitigated = true, .reported = On(20260901)}};
  EXPECT_EQ(Lacks(facts), "");
  EXPECT_EQ(Names(ReadinessToStart(facts, kStart).warnings), "RESOURCE_GAP_OPEN/GAP_3:a3");
  facts.gaps[0].mitigated = false;
  EXPECT_EQ(Lacks(facts), "RESOURCE_GAP_UNMITIGATED/GAP_3:a3");
}

TEST(StartReadiness, R13OneAttestationThatHoldsOnTheDayIsEnough) {
  StartReadinessFacts facts = AllThere();
  facts.attestations.push_back({.until_on = 20280901, .fact = On(kStart + 1)});
  EXPECT_EQ(Lacks(facts), "");
  facts.attestations.front().until_on = kStart - 1;
  EXPECT_EQ(Lacks(facts), "RESOURCES_NOT_ATTESTED/AFTER_THE_START");
  EXPECT_EQ(Lacks(facts, kStart + 1), "");
  EXPECT_EQ(Lacks(facts, 20280902), "RESOURCES_NOT_ATTESTED/EXPIRED");
}

TEST(StartReadiness, R19NamesAllThatSupervisionLacks) {
  StartReadinessFacts facts = AllThere();
  facts.has_tutor = facts.has_supervisor = facts.supervision_agreed = false;
  EXPECT_EQ(Lacks(facts), "SUPERVISION_NOT_ARRANGED:TUTOR:SCHOOL_SUPERVISOR:AGREEMENT");
}

TEST(StartReadiness, R22IsAWarningUnlessPolicyRefuses) {
  StartReadinessFacts facts = AllThere();
  facts.prepared_on = 0;
  EXPECT_EQ(Lacks(facts), "");
  EXPECT_EQ(Names(ReadinessToStart(facts, kStart).warnings), "PREPARATION_MISSING/NOT_PREPARED");
  facts.preparation_required = true;
  EXPECT_EQ(Lacks(facts), "PREPARATION_MISSING/NOT_PREPARED");
}

TEST(StartReadiness, WhatIsDatedAfterTheStartWasNotThereYet) {
  StartReadinessFacts facts = AllThere();
  facts.preparation_required = true;
  EXPECT_EQ(Lacks(facts, 20260831),
            "PLAN_NOT_ACCEPTED/AFTER_THE_START RESOURCES_NOT_ATTESTED/AFTER_THE_START "
            "SUPERVISION_NOT_ARRANGED:AGREEMENT PREPARATION_MISSING/AFTER_THE_START");
}

TEST(StillLacking, ClosesWithWhatIsSuppliedAfterTheStartButForThePreparation) {
  StartReadinessFacts facts = AllThere();
  const std::vector<RefusalReason> all = {Reason::PLAN_NOT_ACCEPTED, Reason::RESOURCES_NOT_ATTESTED,
                                          Reason::SUPERVISION_NOT_ARRANGED,
                                          Reason::PREPARATION_MISSING};
  EXPECT_EQ(StillLacking(facts, kStart, all), std::vector<RefusalReason>{});
  facts.answered = facts.attestations[0].fact = facts.agreed = On(kStart + 1);
  facts.prepared_on = kStart + 1;
  EXPECT_EQ(StillLacking(facts, kStart, all),
            std::vector<RefusalReason>{Reason::PREPARATION_MISSING});
  facts.accepted = false;
  EXPECT_EQ(StillLacking(facts, kStart, {Reason::PLAN_NOT_ACCEPTED}),
            std::vector<RefusalReason>{Reason::PLAN_NOT_ACCEPTED});
}

}  // namespace
}  // namespace jalon::domain
