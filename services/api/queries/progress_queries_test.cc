#include "jalon/event/v1/correction_events.pb.h"
#include "jalon/event/v1/feedback_events.pb.h"
#include "jalon/event/v1/placement_events.pb.h"
#include "jalon/event/v1/roster_events.pb.h"
#include "jalon/event/v1/stay_events.pb.h"
#include "jalon/feedback/v1/estimate.pb.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "services/api/queries/query_testing.h"

namespace jalon::api {
namespace {

using progress::v1::GetHoursLedgerRequest;
using progress::v1::GetHoursLedgerResponse;
using progress::v1::GetStudentProgressRequest;
using progress::v1::GetStudentProgressResponse;
using progress::v1::GetSummativeEligibilityRequest;
using progress::v1::GetSummativeEligibilityResponse;
using progress::v1::ModuleEligibility;
using enum type::v1::OutcomeKind;

const Bytes kStay = StayOf(kAda, '1');

class ProgressTest : public QueryTest {
 protected:
  ProgressTest() {
    school_.Found();
    school_.Enrol(kAda, vault_.Sealed(kTestSchool, kAda, Identity().SerializeAsString()));
    school_.Assign(kAda);
  }

  static person::v1::Identity Identity() {
    person::v1::Identity identity;
    identity.set_given_name("Ada");
    return identity;
  }
  template <typename Request>
  static Request About(const Bytes& student) {
    Request request;
    request.set_student_id(student);
    return request;
  }
  ModuleEligibility EligibilityOf(const std::string& module, uint32_t on = 0) {
    auto request = About<GetSummativeEligibilityRequest>(kAda);
    request.set_module(module);
    request.set_on(on);
    const auto answer = Ask<GetSummativeEligibilityResponse>(request);
    return answer && answer->modules_size() == 1 ? answer->modules(0) : ModuleEligibility();
  }
  progress::v1::HoursLedger Ledger() {
    auto request = About<GetHoursLedgerRequest>(kAda);
    request.set_with_days(true);
    return Ask<GetHoursLedgerResponse>(request)->ledger();
  }
};

TEST_F(ProgressTest, ShowsModulesSequencesAndStays) {
  school_.Schedule(kStay);
  school_.Prepare(kStay);
  school_.Start(kStay);
  school_.Outcome(kStay, "a1", OUTCOME_KIND_COMPLETED);
  school_.Outcome(kStay, "a5", OUTCOME_KIND_PARTLY);
  school_.End(kStay, {"a2", "a5"});
  school_.Evaluate(kAda, kPractice, 1, type::v1::EVALUATION_RESULT_FAILURE, 20261105);

  const auto answer = Ask<GetStudentProgressResponse>(About<GetStudentProgressRequest>(kAda));
  ASSERT_TRUE(answer);
  const auto& progress = answer->progress();
  EXPECT_EQ(progress.programme_title(), "Heavy Vehicle Mechanics");
  EXPECT_FALSE(progress.has_identity());
  ASSERT_EQ(progress.modules_size(), 3);
  const auto& braking = progress.modules(0);
  EXPECT_EQ(braking.module(), kBraking);
  EXPECT_EQ(braking.hours(), 120u);
  EXPECT_TRUE(braking.targeted());
  EXPECT_EQ(braking.planned_count(), 2u);
  EXPECT_EQ(braking.completed_count(), 1u);
  EXPECT_EQ(braking.partly_count(), 1u);
  EXPECT_EQ(braking.make_up_required_count(), 1u);
  const auto& practice = progress.modules(2);
  EXPECT_FALSE(practice.targeted());
  ASSERT_EQ(practice.attempts_size(), 1);
  EXPECT_EQ(practice.attempts(0).event().type(), "SummativeEvaluationRecorded");
  ASSERT_EQ(progress.sequences_size(), 1);
  EXPECT_EQ(progress.sequences(0).sequence_code(), "FREINS");
  EXPECT_EQ(progress.sequences(0).modules_size(), 2);
  ASSERT_EQ(progress.stays_size(), 1);
  const auto& stay = progress.stays(0);
  EXPECT_EQ(stay.stay().company_name(), "Garage-Tremblay");
  EXPECT_EQ(stay.stay().tutor_id(), kLuc);
  EXPECT_EQ(stay.stay().cohort_id(), kCohort);
  EXPECT_EQ(stay.stay().unaccounted_count(), 1u);
  ASSERT_EQ(stay.activities_size(), 3);
  EXPECT_EQ(stay.activities(2).activity(), "a5");
  EXPECT_EQ(stay.activities(2).make_up(), type::v1::MAKE_UP_STATE_REQUIRED);
  EXPECT_EQ(stay.activities(2).make_up_event().type(), "MakeUpRequired");
}

TEST_F(ProgressTest, OpensWhatIsSealedOnlyWhereAskedAndWhileTheKeyIsThere) {
  school_.Schedule(kStay);
  feedback::v1::EstimateWords words;
  words.set_word("with help");
  event::v1::FormativeEstimateReported estimate;
  estimate.set_objective("o1");
  estimate.mutable_words()->ParseFromString(
      vault_.Sealed(kTestSchool, kAda, words.SerializeAsString()));
  school_.Happened(estimate, type::v1::AGGREGATE_KIND_STAY, kStay, 20260910);

  auto request = About<GetStudentProgressRequest>(kAda);
  const auto closed = Ask<GetStudentProgressResponse>(request);
  ASSERT_TRUE(closed && closed->progress().stays(0).estimates_size() == 1);
  EXPECT_EQ(closed->progress().stays(0).estimates(0).word(), "");
  EXPECT_EQ(closed->progress().stays(0).estimates(0).estimator().person_id(), kMaude);
  request.set_open_sealed(true);
  const auto open = Ask<GetStudentProgressResponse>(request);
  ASSERT_TRUE(open);
  EXPECT_EQ(open->progress().identity().given_name(), "Ada");
  EXPECT_EQ(open->progress().stays(0).estimates(0).word(), "with help");

  ASSERT_TRUE(vault_.DestroyPersonKey(kTestSchool, kAda));
  const auto erased = Ask<GetStudentProgressResponse>(request);
  ASSERT_TRUE(erased);
  EXPECT_FALSE(erased->progress().has_identity());
  EXPECT_EQ(erased->progress().stays(0).estimates(0).word(), "");
  vault_.reachable = false;
  EXPECT_EQ(ReasonOf<GetStudentProgressResponse>(request), "VAULT_UNAVAILABLE");
}

TEST_F(ProgressTest, AStudentSeesTheirOwnRecordAndNoOther) {
  school_.Enrol(kBen);
  ActAs(type::v1::ROLE_STUDENT, kAda);
  EXPECT_TRUE(Ask<GetStudentProgressResponse>(About<GetStudentProgressRequest>(kAda)));
  const auto other = Ask<GetStudentProgressResponse>(About<GetStudentProgressRequest>(kBen));
  const auto unknown =
      Ask<GetStudentProgressResponse>(About<GetStudentProgressRequest>(Bytes(8, 'x')));
  ASSERT_FALSE(other || unknown);
  EXPECT_EQ(other.error(), unknown.error());
  EXPECT_EQ(ReasonOf<GetHoursLedgerResponse>(About<GetHoursLedgerRequest>(kBen)), "NOT_FOUND");
  EXPECT_EQ(ReasonOf<GetSummativeEligibilityResponse>(About<GetSummativeEligibilityRequest>(kBen)),
            "NOT_FOUND");
  caller_.person_id.clear();
  EXPECT_EQ(ReasonOf<GetStudentProgressResponse>(About<GetStudentProgressRequest>(kAda)),
            "NOT_FOUND");
}

TEST_F(ProgressTest, NamesTheProgrammeWhereThereAreSeveral) {
  auto request = About<GetStudentProgressRequest>(kAda);
  request.set_programme_code("5745");
  EXPECT_EQ(ReasonOf<GetStudentProgressResponse>(request), "NOT_FOUND");
  event::v1::StudentEnrolled enrolled;
  enrolled.mutable_programme()->set_code("5745");
  school_.Happened(enrolled, type::v1::AGGREGATE_KIND_ENROLMENT, kAda + "5745", 20260810);
  EXPECT_EQ(ReasonOf<GetStudentProgressResponse>(request), "");
  request.clear_programme_code();
  EXPECT_EQ(ReasonOf<GetStudentProgressResponse>(request), "FIELD_REQUIRED");
}

TEST_F(ProgressTest, EligibilityGivesEveryReasonWithWordsAndEvents) {
  EXPECT_EQ(Names(EligibilityOf(kBraking).reasons()), "STAY_NOT_SCHEDULED");
  school_.Schedule(kStay);
  EXPECT_EQ(Names(EligibilityOf(kBraking).reasons()), "STAY_NOT_ENDED/NOT_STARTED");
  school_.Start(kStay);
  school_.Outcome(kStay, "a1", OUTCOME_KIND_COMPLETED);
  school_.End(kStay, {"a2", "a5"});
  EXPECT_EQ(Names(EligibilityOf(kBraking).reasons()), "ACTIVITY_UNACCOUNTED MAKEUP_NOT_PLANNED");
  const ModuleEligibility early = EligibilityOf(kBraking, 20261029);
  EXPECT_EQ(Names(early.reasons()),
            "ACTIVITY_UNACCOUNTED MAKEUP_NOT_PLANNED STAY_NOT_ENDED/DATED_BEFORE_END");
  const auto& reason = early.reasons(2);
  EXPECT_EQ(reason.rule(), "R18");
  EXPECT_EQ(reason.basis(), option::v1::BASIS_SOURCE);
  EXPECT_EQ(reason.message(),
            "A stay that targets the module is not over on the day of the sitting. The sitting is "
            "dated before its end.");
  EXPECT_FALSE(reason.remedy().empty());
  EXPECT_GT(reason.who_size(), 0);
  EXPECT_GT(reason.cleared_by_size(), 0);
  ASSERT_EQ(reason.events_size(), 3);
  EXPECT_EQ(reason.events(2).type(), "StayEnded");
  language_ = domain::Language::kFrench;
  EXPECT_TRUE(EligibilityOf(kBraking).reasons(0).message().starts_with("Rien ne dit"));
}

TEST_F(ProgressTest, EligibilityOfEveryModuleInTheProgrammesOrder) {
  school_.Evaluate(kAda, kPractice, 1, type::v1::EVALUATION_RESULT_SUCCESS, 20261105);
  const auto answer =
      Ask<GetSummativeEligibilityResponse>(About<GetSummativeEligibilityRequest>(kAda));
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->modules_size(), 3);
  EXPECT_EQ(answer->modules(0).verdict(), progress::v1::VERDICT_NOT_ELIGIBLE);
  EXPECT_EQ(answer->modules(0).statement(), "Repair braking systems");
  EXPECT_TRUE(answer->modules(0).targeted());
  EXPECT_EQ(answer->modules(2).verdict(), progress::v1::VERDICT_EVALUATED);
  EXPECT_EQ(answer->modules(2).result().result(), type::v1::EVALUATION_RESULT_SUCCESS);
  EXPECT_EQ(Names(answer->modules(2).notes()), "RESULT_IN_FORCE/SUCCESS");
  EXPECT_EQ(answer->on(), today_);
  EXPECT_EQ(answer->policy_version(), 0u);
  EXPECT_EQ(Names(EligibilityOf("850-999").reasons()), "MODULE_NOT_IN_PROGRAMME");
}

TEST_F(ProgressTest, ThePolicyThatCountsIsThatOfTheSitting) {
  school_.Schedule(kStay);
  school_.Start(kStay);
  for (const char* activity : {"a1", "a2", "a5"}) {
    school_.Outcome(kStay, activity, OUTCOME_KIND_COMPLETED);
  }
  school_.End(kStay, {});
  EXPECT_EQ(EligibilityOf(kBraking).verdict(), progress::v1::VERDICT_ELIGIBLE);
  EXPECT_EQ(Names(EligibilityOf(kBraking).notes()), "REPORT_OUTSTANDING");
  school::v1::PolicySetting gate;
  gate.set_key("report_gate");
  gate.set_choice("ON");
  school_.SetPolicy(gate, 20261201);
  EXPECT_EQ(EligibilityOf(kBraking, 20261130).verdict(), progress::v1::VERDICT_ELIGIBLE);
  const ModuleEligibility later = EligibilityOf(kBraking, 20261201);
  EXPECT_EQ(Names(later.reasons()), "REPORT_OUTSTANDING");
  EXPECT_EQ(later.reasons(0).events(0).type(), "StayEnded");
  EXPECT_EQ(later.reasons(0).events(1).type(), "PolicySet");
}

TEST_F(ProgressTest, HoursCountOnceWithThePrescribedOnesWithin) {
  // 30 h for FREINS, and a second stay that plans 135 h of the prescribed practicum (R8).
  school_.Schedule(kStay);
  event::v1::StayScheduled practice;
  practice.set_type(type::v1::SEQUENCE_TYPE_DEVELOPMENT);
  practice.set_programme_code("5830");
  practice.set_company_id(kGarage);
  auto* activity = practice.add_activities();
  activity->set_activity("p1");
  activity->set_planned_minutes(135 * 60);
  activity->add_shares()->set_module(kPractice);
  activity->mutable_shares(0)->set_minutes(135 * 60);
  *practice.add_prescribed() = activity->shares(0);
  school_.Happened(practice, type::v1::AGGREGATE_KIND_STAY, StayOf(kAda, '2'), 20260812);

  const auto ledger = Ledger();
  EXPECT_EQ(ledger.allotted_minutes(), 300u * 60);
  EXPECT_EQ(ledger.planned_minutes(), 165u * 60);
  EXPECT_EQ(ledger.prescribed_minutes(), 135u * 60);
  ASSERT_EQ(ledger.modules_size(), 3);
  EXPECT_EQ(ledger.modules(0).planned_minutes(), 15u * 60);
  EXPECT_TRUE(ledger.modules(2).prescribed());
  EXPECT_EQ(ledger.modules(2).prescribed_minutes(), 135u * 60);
  EXPECT_EQ(ledger.stays_size(), 2);
  EXPECT_EQ(Names(ledger.notes()),
            "TAX_CREDIT_HOURS_LOW/30_OF_140_H TAX_CREDIT_HOURS_LOW/135_OF_140_H");
}

TEST_F(ProgressTest, HoursLoggedOverThePlanAreAFactAndANote) {
  school_.Schedule(kStay);
  school_.Start(kStay);
  for (const uint32_t day : {20260908u, 20260909u, 20260910u}) {
    event::v1::HoursLogged logged;
    logged.set_minutes(700);
    school_.Happened(logged, type::v1::AGGREGATE_KIND_STAY, kStay, day);
  }
  event::v1::HoursOverrun overrun;
  overrun.set_planned_minutes(1800);
  overrun.set_logged_minutes(2100);
  const uint64_t noted = school_.Happened(overrun, type::v1::AGGREGATE_KIND_STAY, kStay, 20260910);
  auto ledger = Ledger();
  EXPECT_EQ(ledger.logged_minutes(), 2100u);
  ASSERT_EQ(ledger.stays(0).days_size(), 3);
  EXPECT_TRUE(ledger.stays(0).overrun());
  EXPECT_EQ(ledger.stays(0).events(1).seq(), noted);
  ASSERT_EQ(ledger.notes(0).reason(), refusal::v1::REFUSAL_REASON_HOURS_OVERRUN);
  EXPECT_EQ(ledger.notes(0).events(1).seq(), noted);
  EXPECT_FALSE(ledger.notes(0).message().empty());

  event::v1::AdditionalHoursGranted granted;
  granted.set_minutes(300);
  granted.add_shares()->set_module(kBraking);
  granted.mutable_shares(0)->set_minutes(300);
  school_.Happened(granted, type::v1::AGGREGATE_KIND_STAY, kStay, 20260911);
  ledger = Ledger();
  EXPECT_FALSE(ledger.stays(0).overrun());
  EXPECT_EQ(ledger.added_minutes(), 300u);
  EXPECT_EQ(ledger.modules(0).added_minutes(), 300u);
}

TEST_F(ProgressTest, HoursThatAnEndedStayDidNotUseAreLeftToTheNextOne) {
  school_.Schedule(kStay);
  school_.Start(kStay);
  school_.Outcome(kStay, "a1", OUTCOME_KIND_COMPLETED);
  school_.Outcome(kStay, "a2", OUTCOME_KIND_NOT_PERFORMED);
  school_.Outcome(kStay, "a5", OUTCOME_KIND_NOT_PERFORMED);
  school_.End(kStay, {"a2", "a5"});
  const auto ledger = Ledger();
  EXPECT_EQ(ledger.planned_minutes(), 1800u);
  EXPECT_EQ(ledger.stays(0).planned_minutes(), 1800u);
  EXPECT_EQ(ledger.taken_minutes(), 600u);
  EXPECT_EQ(ledger.stays(0).taken_minutes(), 600u);
  uint32_t taken = 0;
  for (const auto& module : ledger.modules()) taken += module.taken_minutes();
  EXPECT_EQ(taken, 600u);
}

TEST_F(ProgressTest, WorkStudyAsksForAShareAndForStays) {
  school_.Schedule(kStay);
  const auto notes = Ledger().notes();
  EXPECT_EQ(Names(notes),
            "TAX_CREDIT_HOURS_LOW/30_OF_140_H WORKPLACE_SHARE_LOW/30_OF_60_H TOO_FEW_STAYS/1_OF_2");
  for (const char* key : {"workplace_share_percent", "workplace_stays", "tax_credit_hours"}) {
    school::v1::PolicySetting off;
    off.set_key(key);
    off.set_number(0);
    school_.SetPolicy(off, 20260901);
  }
  EXPECT_EQ(Names(Ledger().notes()), "");
}

TEST_F(ProgressTest, ShowsBothVersionsOfWhatWasCorrectedAndWhatTheStudentSays) {
  person::v1::Identity right = Identity();
  right.set_given_name("Adèle");
  person::v1::Words why;
  why.set_text("a birth certificate");
  person::v1::Words said;
  said.set_text("I was there that day");
  const auto sealed = [&](const auto& clear, type::v1::Sealed* into) {
    into->ParseFromString(vault_.Sealed(kTestSchool, kAda, clear.SerializeAsString()));
  };
  event::v1::CorrectionRecorded corrected;
  sealed(right, corrected.mutable_identity());
  sealed(why, corrected.mutable_reason());
  school_.Happened(corrected, type::v1::AGGREGATE_KIND_PERSON, kAda, 20261101);
  event::v1::StatementRecorded stated;
  stated.set_about_seq(4);
  sealed(said, stated.mutable_statement());
  sealed(why, stated.mutable_refused_since());
  school_.Happened(stated, type::v1::AGGREGATE_KIND_PERSON, kAda, 20261102);

  auto request = About<GetStudentProgressRequest>(kAda);
  const auto closed = Ask<GetStudentProgressResponse>(request);
  ASSERT_TRUE(closed);
  ASSERT_EQ(closed->progress().corrections_size(), 1);
  EXPECT_FALSE(closed->progress().corrections(0).has_before());
  request.set_open_sealed(true);
  const auto answer = Ask<GetStudentProgressResponse>(request);
  ASSERT_TRUE(answer);
  const auto& progress = answer->progress();
  EXPECT_EQ(progress.identity().given_name(), "Adèle");
  ASSERT_EQ(progress.corrections_size(), 1);
  const auto& correction = progress.corrections(0);
  EXPECT_EQ(correction.before().given_name(), "Ada");
  EXPECT_EQ(correction.after().given_name(), "Adèle");
  EXPECT_EQ(correction.reason(), "a birth certificate");
  EXPECT_EQ(correction.corrected().type(), "StudentEnrolled");
  EXPECT_EQ(correction.recorded().occurred_on(), 20261101u);
  ASSERT_EQ(progress.statements_size(), 1);
  EXPECT_EQ(progress.statements(0).statement(), "I was there that day");
  EXPECT_EQ(progress.statements(0).refused_since(), "a birth certificate");
  EXPECT_EQ(progress.statements(0).about_seq(), 4u);
}

}  // namespace
}  // namespace jalon::api
