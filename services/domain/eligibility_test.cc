// Eligibility branch by branch: E1 to E8 of the catalogue, each with what clears it.
#include "services/domain/eligibility.h"

#include <gtest/gtest.h>

#include "services/domain/reasons.h"
#include "services/domain/subject.h"

namespace jalon::domain {
namespace {

using type::v1::SequenceType;
using type::v1::StayState;

constexpr char kBraking[] = "850-568";
constexpr char kWheels[] = "850-573";
constexpr uint32_t kToday = 20261120;

FactRef At(uint64_t seq) {
  return {.seq = seq, .index = 0, .type = 0, .occurred_on = 20260901, .recorded_at = 0};
}

EligibilityFacts::PlannedActivity Planned(std::string code, std::vector<std::string> modules,
                                          type::v1::OutcomeKind outcome) {
  EligibilityFacts::PlannedActivity planned{
      .code = std::move(code), .shares = {}, .outcome = outcome, .outcome_fact = {}};
  for (std::string& module : modules) planned.shares.push_back({std::move(module), 60});
  return planned;
}

// A student in alternance with one sequence and one ended stay on the module, all of it done.
EligibilityFacts AllDone() {
  EligibilityFacts facts;
  facts.in_alternance = true;
  facts.enrolled = At(1);
  facts.modules = {{kBraking, 120 * 60}, {kWheels, 45 * 60}};
  facts.assignments.push_back({.sequence_id = "sequence",
                               .type = type::v1::SEQUENCE_TYPE_DEVELOPMENT,
                               .active = true,
                               .modules = {kBraking},
                               .activities = {{"a1", {kBraking}}, {"a2", {kBraking}}},
                               .assigned = At(2)});
  EligibilityFacts::Stay stay;
  stay.stay_id = "stay-one";
  stay.sequence_id = "sequence";
  stay.type = type::v1::SEQUENCE_TYPE_DEVELOPMENT;
  stay.state = type::v1::STAY_STATE_ENDED;
  stay.ended_on = 20261106;
  stay.plan = {Planned("a1", {kBraking}, type::v1::OUTCOME_KIND_COMPLETED),
               Planned("a2", {kBraking}, type::v1::OUTCOME_KIND_PARTLY)};
  stay.plan[0].outcome_fact = At(6);
  stay.plan[1].outcome_fact = At(7);
  stay.final_report = true;
  stay.scheduled = At(3);
  stay.started = At(4);
  stay.ended = At(8);
  facts.stays.push_back(stay);
  facts.make_ups.push_back({.stay_id = "stay-one",
                            .sequence_id = "sequence",
                            .activity = "a2",
                            .modules = {kBraking},
                            .state = type::v1::MAKE_UP_STATE_COMPLETED,
                            .completed_on = 20261113,
                            .required = At(8),
                            .latest = At(9)});
  return facts;
}

Eligibility Of(const EligibilityFacts& facts, uint32_t on = kToday,
               const EligibilityPolicy& policy = {}) {
  return SummativeEligibility(facts, kBraking, on, policy);
}

// "STAY_NOT_ENDED/NOT_STARTED" of each, in their order.
std::vector<std::string> Names(const std::vector<Violation>& findings) {
  std::vector<std::string> names;
  for (const Violation& finding : findings) {
    std::string name(ReasonName(finding.reason));
    if (!finding.cause.empty()) name += "/" + finding.cause;
    names.push_back(name);
  }
  return names;
}

using Strings = std::vector<std::string>;

TEST(Eligibility, AllDoneIsEligibleAndSaysWhatItRestsOn) {
  const EligibilityFacts facts = AllDone();
  const Eligibility eligibility = Of(facts);
  EXPECT_EQ(eligibility.verdict, Verdict::kEligible);
  EXPECT_TRUE(eligibility.reasons.empty());
  EXPECT_TRUE(eligibility.targeted);
  EXPECT_TRUE(eligibility.notes.empty());
  std::vector<uint64_t> seqs;
  for (const FactRef& fact : eligibility.based_on) seqs.push_back(fact.seq);
  EXPECT_EQ(seqs, (std::vector<uint64_t>{1, 2, 3, 4, 6, 7, 8, 9}));
}

TEST(Eligibility, E3WhatIsNoLongerAssignedIsNotDue) {
  EligibilityFacts facts = AllDone();
  facts.assignments[0].activities.push_back({"a3", {kBraking}});
  ASSERT_EQ(Names(Of(facts).reasons), (Strings{"ACTIVITY_NOT_PLACED"}));
  facts.assignments[0].active = false;
  EXPECT_EQ(Of(facts).verdict, Verdict::kEligible);
}

TEST(Eligibility, E1AModuleOfAnotherProgrammeIsNot) {
  const EligibilityFacts facts = AllDone();
  const Eligibility eligibility = SummativeEligibility(facts, "918-138", kToday, {});
  EXPECT_EQ(eligibility.verdict, Verdict::kNotEligible);
  EXPECT_EQ(Names(eligibility.reasons), (Strings{"MODULE_NOT_IN_PROGRAMME"}));
  EXPECT_EQ(eligibility.reasons[0].facts, (std::vector{At(1)}));
}

TEST(Eligibility, E2ASuccessIsEvaluatedWithItsReviews) {
  EligibilityFacts facts = AllDone();
  facts.stays[0].state = type::v1::STAY_STATE_STARTED;  // whatever else may lack
  facts.attempts.push_back({.module = kBraking,
                            .number = 1,
                            .result = type::v1::EVALUATION_RESULT_SUCCESS,
                            .sat_from_on = 0,
                            .sat_to_on = 0,
                            .stands = true,
                            .recorded = At(20),
                            .open_reviews = {At(21)}});
  const Eligibility eligibility = Of(facts);
  EXPECT_EQ(eligibility.verdict, Verdict::kEvaluated);
  EXPECT_TRUE(eligibility.reasons.empty());
  EXPECT_EQ(Names(eligibility.notes),
            (Strings{"EVALUATION_REVIEW_OPEN", "RESULT_IN_FORCE/SUCCESS"}));
  ASSERT_NE(eligibility.in_force, nullptr);
  EXPECT_EQ(eligibility.in_force->number, 1u);
}

TEST(Eligibility, E2ASuccessBroughtAlongStandsOverAFailureHere) {
  EligibilityFacts facts = AllDone();
  facts.attempts.push_back({.module = kBraking,
                            .number = 1,
                            .result = type::v1::EVALUATION_RESULT_FAILURE,
                            .sat_from_on = 0,
                            .sat_to_on = 0,
                            .stands = true,
                            .recorded = At(20),
                            .open_reviews = {}});
  facts.prior_results.push_back({.module = kBraking,
                                 .origin = type::v1::PRIOR_RESULT_ORIGIN_RECOGNITION,
                                 .result = type::v1::EVALUATION_RESULT_SUCCESS,
                                 .attempts = 0,
                                 .recorded = At(22)});
  const Eligibility eligibility = Of(facts);
  EXPECT_EQ(eligibility.verdict, Verdict::kEvaluated);
  EXPECT_EQ(Names(eligibility.notes), (Strings{"RESULT_IN_FORCE/RECOGNITION"}));
  EXPECT_EQ(eligibility.in_force, nullptr);
}

TEST(Eligibility, E2AFailureMayBeTakenAgainAndAnAbsenceChangesNothing) {
  EligibilityFacts facts = AllDone();
  facts.attempts = {{.module = kBraking,
                     .number = 1,
                     .result = type::v1::EVALUATION_RESULT_FAILURE,
                     .sat_from_on = 0,
                     .sat_to_on = 0,
                     .stands = true,
                     .recorded = At(20),
                     .open_reviews = {}},
                    {.module = kBraking,
                     .number = 2,
                     .result = type::v1::EVALUATION_RESULT_ABSENT,
                     .sat_from_on = 0,
                     .sat_to_on = 0,
                     .stands = true,
                     .recorded = At(21),
                     .open_reviews = {}}};
  const Eligibility eligibility = Of(facts);
  EXPECT_EQ(eligibility.verdict, Verdict::kEligible);
  EXPECT_EQ(Names(eligibility.notes), (Strings{"RETAKE/2"}));
}

TEST(Eligibility, E2AnAnnulledSuccessIsNoneAndAPriorResultCounts) {
  EligibilityFacts facts = AllDone();
  facts.attempts = {{.module = kBraking,
                     .number = 1,
                     .result = type::v1::EVALUATION_RESULT_SUCCESS,
                     .sat_from_on = 0,
                     .sat_to_on = 0,
                     .stands = false,
                     .recorded = At(20),
                     .open_reviews = {}}};
  EXPECT_EQ(Of(facts).verdict, Verdict::kEligible);
  facts.prior_results = {{.module = kBraking,
                          .origin = type::v1::PRIOR_RESULT_ORIGIN_RECOGNITION,
                          .result = type::v1::EVALUATION_RESULT_SUCCESS,
                          .recorded = At(22)}};
  const Eligibility eligibility = Of(facts);
  EXPECT_EQ(eligibility.verdict, Verdict::kEvaluated);
  EXPECT_EQ(Names(eligibility.notes), (Strings{"RESULT_IN_FORCE/RECOGNITION"}));
}

TEST(Eligibility, AClosedEnrolmentIsAReasonAmongOthers) {
  EligibilityFacts facts = AllDone();
  facts.enrolment_open = false;
  facts.enrolment_closed = At(30);
  facts.make_ups[0].state = type::v1::MAKE_UP_STATE_REQUIRED;
  EXPECT_EQ(Names(Of(facts).reasons), (Strings{"MAKEUP_NOT_PLANNED", "ENROLMENT_CLOSED"}));
}

TEST(Eligibility, E3AnAssignedSequenceWithoutAStayIsOneReason) {
  EligibilityFacts facts = AllDone();
  facts.stays.clear();
  facts.make_ups.clear();
  const Eligibility eligibility = Of(facts);
  ASSERT_EQ(Names(eligibility.reasons), (Strings{"STAY_NOT_SCHEDULED"}));
  EXPECT_EQ(eligibility.reasons[0].subjects, (Strings{SubjectOf("sequence")}));
  EXPECT_EQ(eligibility.reasons[0].facts, (std::vector{At(2)}));
  facts.in_alternance = false;
  EXPECT_EQ(Of(facts).verdict, Verdict::kEligible);
}

TEST(Eligibility, E3AnActivityInNoStayAndNoMakeUpIsOneReasonEach) {
  EligibilityFacts facts = AllDone();
  facts.assignments[0].activities.push_back({"a3", {kBraking}});
  facts.assignments[0].activities.push_back({"a4", {kWheels}});  // does not touch the module
  const Eligibility eligibility = Of(facts);
  ASSERT_EQ(Names(eligibility.reasons), (Strings{"ACTIVITY_NOT_PLACED"}));
  EXPECT_EQ(eligibility.reasons[0].subjects, (Strings{SubjectOf("sequence", "a3")}));
  facts.make_ups.push_back(facts.make_ups[0]);
  facts.make_ups.back().activity = "a3";
  EXPECT_EQ(Of(facts).verdict, Verdict::kEligible);
}

TEST(Eligibility, E3ACancelledStayIsNoStayAndAReleasedTargetNeedsNone) {
  EligibilityFacts facts = AllDone();
  facts.make_ups.clear();
  facts.stays[0].state = type::v1::STAY_STATE_CANCELLED;
  EXPECT_EQ(Names(Of(facts).reasons), (Strings{"STAY_NOT_SCHEDULED"}));
  facts.assignments[0].modules.clear();
  EXPECT_EQ(Of(facts).verdict, Verdict::kEligible);
  EXPECT_EQ(Names(Of(facts).notes), (Strings{"NO_STAY_TARGETS_MODULE"}));
}

TEST(Eligibility, E4EachStayComesFirst) {
  EligibilityFacts facts = AllDone();
  facts.stays.push_back(facts.stays[0]);
  facts.stays[1].stay_id = "stay-two";
  facts.stays[1].state = type::v1::STAY_STATE_PLANNED;
  facts.stays.push_back(facts.stays[0]);
  facts.stays[2].stay_id = "stay-xxx";
  facts.stays[2].state = type::v1::STAY_STATE_STARTED;
  const Eligibility eligibility = Of(facts);
  ASSERT_EQ(Names(eligibility.reasons),
            (Strings{"STAY_NOT_ENDED/NOT_STARTED", "STAY_NOT_ENDED/NOT_ENDED"}));
  EXPECT_EQ(eligibility.reasons[0].subjects, (Strings{SubjectOf("stay-two")}));
}

TEST(Eligibility, E4ASittingMayBeOnTheDayOfTheEndButNotBefore) {
  EligibilityFacts facts = AllDone();
  facts.make_ups.clear();
  EXPECT_EQ(Of(facts, 20261106).verdict, Verdict::kEligible);
  EXPECT_EQ(Names(Of(facts, 20261105).reasons), (Strings{"STAY_NOT_ENDED/DATED_BEFORE_END"}));
}

TEST(Eligibility, E5AnEndedStayWithAnUnknownOutcomeIsNot) {
  EligibilityFacts facts = AllDone();
  facts.stays[0].plan[1].outcome = type::v1::OUTCOME_KIND_UNSPECIFIED;
  facts.make_ups.clear();
  const Eligibility eligibility = Of(facts);
  ASSERT_EQ(Names(eligibility.reasons), (Strings{"ACTIVITY_UNACCOUNTED"}));
  EXPECT_EQ(eligibility.reasons[0].subjects, (Strings{SubjectOf("stay-one", "a2")}));
}

TEST(Eligibility, E6MakeUpIsPlannedAndByPolicyDone) {
  EligibilityFacts facts = AllDone();
  facts.make_ups[0].state = type::v1::MAKE_UP_STATE_REQUIRED;
  const EligibilityPolicy lenient{.policy_version = 3,
                                  .makeup_must_be_done = false,
                                  .report_must_be_there = false,
                                  .makeup_gate_set = At(15),
                                  .report_gate_set = {}};
  EXPECT_EQ(Names(Of(facts).reasons), (Strings{"MAKEUP_NOT_PLANNED"}));
  EXPECT_EQ(Names(Of(facts, kToday, lenient).reasons), (Strings{"MAKEUP_NOT_PLANNED"}));
  facts.make_ups[0].state = type::v1::MAKE_UP_STATE_PLANNED;
  EXPECT_EQ(Names(Of(facts).reasons), (Strings{"MAKEUP_NOT_COMPLETED"}));
  EXPECT_EQ(Of(facts, kToday, lenient).verdict, Verdict::kEligible);
  EXPECT_EQ(Of(facts, kToday, lenient).policy_version, 3u);
  facts.make_ups[0].state = type::v1::MAKE_UP_STATE_COMPLETED;
  EXPECT_EQ(Names(Of(facts, 20261112).reasons), (Strings{"MAKEUP_NOT_COMPLETED/LATER"}));
  EXPECT_EQ(Of(facts, 20261113).verdict, Verdict::kEligible);
  facts.make_ups[0].state = type::v1::MAKE_UP_STATE_DISCHARGED;
  EXPECT_EQ(Of(facts, 20261107).verdict, Verdict::kEligible);
}

TEST(Eligibility, E6TheMakeUpOfACancelledStayGatesToo) {
  EligibilityFacts facts = AllDone();
  facts.stays[0].state = type::v1::STAY_STATE_CANCELLED;
  facts.assignments.clear();
  facts.make_ups[0].state = type::v1::MAKE_UP_STATE_PLANNED;
  EXPECT_EQ(Names(Of(facts).reasons), (Strings{"MAKEUP_NOT_COMPLETED"}));
}

TEST(Eligibility, E7TheReportIsANoteUnlessPolicyGates) {
  EligibilityFacts facts = AllDone();
  facts.stays[0].final_report = false;
  EXPECT_EQ(Of(facts).verdict, Verdict::kEligible);
  EXPECT_EQ(Names(Of(facts).notes), (Strings{"REPORT_OUTSTANDING"}));
  const EligibilityPolicy strict{.policy_version = 2,
                                 .makeup_must_be_done = true,
                                 .report_must_be_there = true,
                                 .makeup_gate_set = {},
                                 .report_gate_set = At(16)};
  const Eligibility eligibility = Of(facts, kToday, strict);
  ASSERT_EQ(Names(eligibility.reasons), (Strings{"REPORT_OUTSTANDING"}));
  EXPECT_EQ(eligibility.reasons[0].facts, (std::vector{At(8), At(16)}));
}

TEST(Eligibility, E8NotesStandAgainstNothing) {
  EligibilityFacts facts = AllDone();
  facts.elements_known = false;
  facts.modules[0].minutes = 100;  // 120 are planned
  EligibilityFacts::Stay& stay = facts.stays[0];
  stay.open_deviation = At(4);
  stay.overrun = At(5);
  stay.open_gaps = {{{"a1", "a9"}, At(2)}};
  const Eligibility eligibility = Of(facts);
  EXPECT_EQ(eligibility.verdict, Verdict::kEligible);
  EXPECT_EQ(Names(eligibility.notes),
            (Strings{"HOURS_OVERRUN", "MODULE_HOURS_EXCEEDED", "ELEMENTS_UNKNOWN",
                     "RESOURCE_GAP_OPEN", "START_DEVIATION_OPEN"}));
  stay.added = {{kBraking, 20}};
  EXPECT_EQ(Of(facts).notes.size(), 4u);
}

TEST(Eligibility, OnlyDevelopmentGates) {
  for (const SequenceType type :
       {type::v1::SEQUENCE_TYPE_OBSERVATION, type::v1::SEQUENCE_TYPE_IMPLEMENTATION}) {
    EligibilityFacts facts = AllDone();
    facts.assignments[0].type = type;
    facts.assignments[0].activities.push_back({"a3", {kBraking}});
    facts.stays[0].type = type;
    facts.stays[0].state = type::v1::STAY_STATE_PLANNED;
    facts.make_ups.clear();
    EXPECT_EQ(Of(facts).verdict, Verdict::kEligible) << type;
  }
}

TEST(Eligibility, AllReasonsComeAtOnceByRuleThenSubject) {
  EligibilityFacts facts = AllDone();
  facts.stays.push_back(facts.stays[0]);
  facts.stays[1].stay_id = "stay-two";
  facts.stays[1].state = type::v1::STAY_STATE_PLANNED;
  facts.make_ups[0].state = type::v1::MAKE_UP_STATE_REQUIRED;
  facts.make_ups.push_back(facts.make_ups[0]);
  facts.make_ups[1].activity = "a1";
  facts.make_ups[1].state = type::v1::MAKE_UP_STATE_PLANNED;
  const Eligibility eligibility = Of(facts);
  EXPECT_EQ(Names(eligibility.reasons),
            (Strings{"MAKEUP_NOT_COMPLETED", "MAKEUP_NOT_PLANNED", "STAY_NOT_ENDED/NOT_STARTED"}));
}

}  // namespace
}  // namespace jalon::domain
