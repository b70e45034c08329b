#include "projections/views/student_progress.h"

#include <gtest/gtest.h>

#include "jalon/event/v1/event_body.pb.h"
#include "jalon/refusal/v1/refusal_reason.pb.h"
#include "projections/views/stay_row.h"
#include "projections/views/student_row.h"
#include "projections/views/views_testing.h"
#include "projections/views/words_row.h"

namespace jalon::projections {
namespace {

namespace ev = event::v1;
namespace ty = type::v1;
using testing::FoldHarness;
using testing::Person;
using testing::Stay;

class StudentProgressTest : public ::testing::Test {
 protected:
  std::string AdaAnd(std::string_view rest) { return ada_.Str() + std::string(rest); }
  Fact Enrol(std::string_view code, std::string_view cohort = "") {
    ev::StudentEnrolled event;
    event.mutable_programme()->set_code(std::string(code));
    event.mutable_programme()->set_language("en");
    event.mutable_programme()->set_version("2026");
    event.set_in_alternance(true);
    event.set_cohort_id(std::string(cohort));
    event.mutable_identity()->set_ciphertext("identity");
    return view_.Fold(event, AdaAnd(code));
  }
  Fact Schedule() {
    ev::StayScheduled event;
    event.set_sequence_id(sequence_.Str());
    event.set_sequence_version(2);
    event.set_type(ty::SEQUENCE_TYPE_DEVELOPMENT);
    event.set_programme_code("5830");
    event.set_company_id(Person("garage").Str());
    event.set_group_id(Person("group").Str());
    event.set_starts_on(20260907);
    event.set_ends_on(20260930);
    event.set_plan_version(1);
    for (const char* code : {"a1", "a2"}) {
      auto* activity = event.add_activities();
      activity->set_activity(code);
      activity->set_planned_minutes(scheduled_minutes_);
      activity->add_objectives("o1");
      auto* share = activity->add_shares();
      share->set_module("850-568");
      share->set_minutes(scheduled_minutes_);
    }
    auto* prescribed = event.add_prescribed();
    prescribed->set_module("850-609");
    prescribed->set_minutes(60);
    return view_.Fold(event, stay_.View());
  }
  StudentRow Student() { return view_.Get<StudentRow>(StudentKey(ada_)); }
  StayRow TheStay() {
    StayRow stay = view_.Get<StayRow>(StayKey(stay_));
    stay.plan = std::make_shared<const PlanRow>(view_.Get<PlanRow>(PlanKey(stay.plan_digest)));
    return stay;
  }
  template <typename Event>
  Fact FoldActivity(Event event, std::string_view activity) {
    event.set_activity(std::string(activity));
    return view_.Fold(event, stay_.View());
  }

  FoldHarness view_{MakeStudentProgress()};
  const PersonId ada_ = Person("ada");
  StayId stay_ = Stay("ada", "stay-1");
  uint32_t scheduled_minutes_ = 600;  // of each activity
  const SequenceId sequence_ = Person("freins");
};

TEST_F(StudentProgressTest, AnEnrolmentPinsItsVersionAndTheLastOneOfAProgrammeStands) {
  Enrol("5830");
  Enrol("5745");
  const Fact again = Enrol("5830", "cohort-8");
  const StudentRow student = Student();
  ASSERT_EQ(student.enrolments.size(), 2u);
  EXPECT_EQ(student.enrolments[1].programme, (ProgrammeName{"5830", "en", "2026"}));
  EXPECT_EQ(student.enrolments[1].enrolled, again);
  EXPECT_EQ(student.enrolments[1].cohort_id.Str(), "cohort-8");
  EXPECT_TRUE(student.enrolments[0].cohort_id.IsNone());
  EXPECT_TRUE(student.enrolments[0].in_alternance);
  ty::Sealed identity;
  ASSERT_TRUE(identity.ParseFromString(student.identity));
  EXPECT_EQ(identity.ciphertext(), "identity");
}

TEST_F(StudentProgressTest, AKnownStudentKeepsTheIdentity) {
  Enrol("5830");
  ev::StudentEnrolled event;
  event.mutable_programme()->set_code("5745");
  view_.Fold(event, AdaAnd("5745"));
  EXPECT_FALSE(Student().identity.empty());
}

TEST_F(StudentProgressTest, AnAssignmentTargetsWhatIsNotReleased) {
  ev::SequenceAssigned assigned;
  assigned.set_sequence_version(2);
  assigned.set_type(ty::SEQUENCE_TYPE_DEVELOPMENT);
  assigned.set_programme_code("5830");
  assigned.add_modules("850-568");
  assigned.add_modules("850-573");
  const std::string aggregate = AdaAnd(sequence_.Str());
  const Fact when = view_.Fold(assigned, aggregate);
  ev::TargetReleased released;
  released.set_module("850-573");
  const Fact later = view_.Fold(released, aggregate);
  const StudentRow student = Student();
  ASSERT_EQ(student.assignments.size(), 1u);
  const AssignmentFacts& assignment = student.assignments[0];
  EXPECT_EQ(assignment.sequence_id, sequence_);
  EXPECT_EQ(assignment.sequence_version, 2u);
  EXPECT_EQ(assignment.type, ty::SEQUENCE_TYPE_DEVELOPMENT);
  EXPECT_EQ(assignment.modules, std::vector<std::string>{"850-568"});
  EXPECT_EQ(assignment.released, (std::vector<ReleasedModule>{{"850-573", later}}));
  EXPECT_EQ(assignment.assigned, when);
}

TEST_F(StudentProgressTest, AttemptsAddUpAndAReviewOpensOnItsOwn) {
  ev::SummativeEvaluationRecorded event;
  event.set_module("850-573");
  event.set_programme_code("5830");
  event.set_sat_from_on(20261001);
  event.set_sat_to_on(20261002);
  event.set_policy_version(3);
  event.set_evaluator_id(Person("maude").Str());
  const std::pair<uint32_t, ty::EvaluationResult> attempts[] = {
      {1, ty::EVALUATION_RESULT_FAILURE},
      {2, ty::EVALUATION_RESULT_ABSENT},  // of the attempt to come
      {2, ty::EVALUATION_RESULT_SUCCESS}};
  for (const auto& [number, result] : attempts) {
    event.set_attempt(number);
    event.set_result(result);
    view_.Fold(event, AdaAnd("850-573"));
  }
  ev::EvaluationReviewRaised review;
  review.set_module("850-573");
  review.set_programme_code("5830");
  review.set_attempt(2);
  review.set_cause(ev::REVIEW_CAUSE_LATE_OUTCOME);
  review.set_stay_id(stay_.Str());
  review.set_activity("a5");
  const Fact raised = view_.Fold(review, AdaAnd("850-573"));
  const StudentRow student = Student();
  ASSERT_EQ(student.attempts.size(), 3u);
  EXPECT_EQ(student.attempts[0].result, ty::EVALUATION_RESULT_FAILURE);
  EXPECT_TRUE(student.attempts[0].reviews.empty());
  EXPECT_TRUE(student.attempts[1].reviews.empty());
  EXPECT_EQ(student.attempts[2].sat_from_on, 20261001u);
  EXPECT_EQ(student.attempts[2].sat_to_on, 20261002u);
  EXPECT_EQ(student.attempts[2].policy_version, 3u);
  EXPECT_EQ(student.attempts[2].evaluator_id, Person("maude"));
  EXPECT_EQ(student.attempts[2].reviews,
            (std::vector<ReviewFacts>{{ev::REVIEW_CAUSE_LATE_OUTCOME, stay_, "a5", raised}}));
}

TEST_F(StudentProgressTest, AStayIsPlannedStartedAndEnded) {
  const Fact scheduled = Schedule();
  StayRow stay = TheStay();
  EXPECT_EQ(stay.stay_id, stay_);
  EXPECT_EQ(stay.sequence_id, sequence_);
  EXPECT_EQ(stay.sequence_version, 2u);
  EXPECT_EQ(stay.company_id, Person("garage"));
  EXPECT_EQ(stay.group_id, Person("group"));
  EXPECT_EQ(stay.state, ty::STAY_STATE_PLANNED);
  EXPECT_EQ(stay.scheduled, scheduled);
  EXPECT_EQ(stay.PlannedMinutes(), 1200u);
  EXPECT_EQ(stay.UnaccountedCount(), 2u);
  EXPECT_EQ(stay.plan->prescribed, (std::vector<ModuleShare>{{"850-609", 60}}));
  EXPECT_EQ(stay.plan->activities[1].shares, (std::vector<ModuleShare>{{"850-568", 600}}));
  EXPECT_EQ(stay.plan->activities[1].objectives, std::vector<std::string>{"o1"});

  view_.Fold(ev::StayStarted(), stay_.View(), 20260908);
  ev::StayEnded ended;
  ended.set_ended_on(20260920);
  ended.set_kind(ty::STAY_END_KIND_EARLY);
  ended.set_cause(ty::STAY_END_CAUSE_COMPANY_UNAVAILABLE);
  const Fact end = view_.Fold(ended, stay_.View(), 20260921);
  stay = TheStay();
  EXPECT_EQ(stay.state, ty::STAY_STATE_ENDED);
  EXPECT_EQ(stay.started_on, 20260908u);
  EXPECT_EQ(stay.ended_on, 20260920u);
  EXPECT_EQ(stay.end_kind, ty::STAY_END_KIND_EARLY);
  EXPECT_EQ(stay.end_cause, ty::STAY_END_CAUSE_COMPANY_UNAVAILABLE);
  EXPECT_EQ(stay.ended, end);
}

TEST_F(StudentProgressTest, StaysOfOnePlanShareItsRow) {
  Schedule();
  const Hash digest = TheStay().plan_digest;
  stay_ = Stay("ada", "stay-2");
  Schedule();
  EXPECT_EQ(TheStay().plan_digest, digest);
  scheduled_minutes_ = 300;
  stay_ = Stay("ada", "stay-3");
  Schedule();
  EXPECT_NE(TheStay().plan_digest, digest);
  EXPECT_EQ(TheStay().PlannedMinutes(), 600u);
  EXPECT_EQ(view_.Keys(Key().AddFixed({}, 8)).size(), 2u) << "one row for each plan";
}

TEST_F(StudentProgressTest, WhatAStartNeedsIsKeptWithItsEvents) {
  Schedule();
  ev::TrainingPlanDeclined declined;
  declined.set_plan_version(1);
  view_.Fold(declined, stay_.View());
  ev::TrainingPlanAccepted accepted;
  accepted.set_plan_version(1);
  const Fact answered = view_.Fold(accepted, stay_.View());
  ev::TutorAssigned tutor;
  tutor.set_tutor_id(Person("luc").Str());
  tutor.set_from_on(20260907);
  view_.Fold(tutor, stay_.View());
  ev::TutorReplaced replaced;
  replaced.set_tutor_id(Person("zoe").Str());
  replaced.set_from_on(20260914);
  replaced.set_previous_id(Person("luc").Str());
  view_.Fold(replaced, stay_.View());
  ev::SchoolSupervisorAssigned supervisor;
  supervisor.set_supervisor_id(Person("maude").Str());
  supervisor.set_from_on(20260901);
  view_.Fold(supervisor, stay_.View());
  ev::SupervisionProposed proposed;
  proposed.set_proposal_number(1);
  proposed.mutable_rhythm()->set_kind(ty::CONTACT_KIND_VISIT);
  proposed.mutable_rhythm()->set_count(2);
  proposed.mutable_rhythm()->set_period_days(30);
  view_.Fold(proposed, stay_.View());
  EXPECT_TRUE(TheStay().supervision[0].agreed.IsNone());
  ev::SupervisionAgreed agreed;
  agreed.set_proposal_number(1);
  const Fact agreement = view_.Fold(agreed, stay_.View());
  ev::PreparationRecorded preparation;
  preparation.add_topics(placement::v1::PREPARATION_TOPIC_ATTITUDES);
  preparation.add_topics(placement::v1::PREPARATION_TOPIC_TRAINEE_RIGHTS);
  view_.Fold(preparation, stay_.View());
  ev::StartDeviationRecorded deviation;
  deviation.add_missing(refusal::v1::REFUSAL_REASON_PLAN_NOT_ACCEPTED);
  view_.Fold(deviation, stay_.View());

  const StayRow stay = TheStay();
  ASSERT_EQ(stay.plan_answers.size(), 2u);
  EXPECT_FALSE(stay.plan_answers[0].accepted);
  EXPECT_EQ(stay.plan_answers[1], (PlanAnswer{1, true, answered}));
  EXPECT_EQ(AssignedOn(stay.tutors, 20260906), nullptr);
  EXPECT_EQ(AssignedOn(stay.tutors, 20260913)->person_id, Person("luc"));
  EXPECT_EQ(AssignedOn(stay.tutors, 20260914)->person_id, Person("zoe"));
  EXPECT_EQ(AssignedOn(stay.supervisors, 20260914)->person_id, Person("maude"));
  EXPECT_EQ(stay.supervision[0].agreed, agreement);
  EXPECT_EQ(stay.supervision[0].contact, ty::CONTACT_KIND_VISIT);
  EXPECT_EQ(stay.supervision[0].contact_count, 2u);
  EXPECT_EQ(stay.supervision[0].period_days, 30u);
  EXPECT_EQ(stay.preparations[0].topics.size(), 2u);
  EXPECT_FALSE(stay.preparations[0].late);
  EXPECT_EQ(stay.deviations[0].missing,
            std::vector<uint32_t>{refusal::v1::REFUSAL_REASON_PLAN_NOT_ACCEPTED});
}

TEST_F(StudentProgressTest, DaysAreOrderedLoggedAndConfirmed) {
  Schedule();
  ev::HoursLogged logged;
  logged.set_minutes(420);
  for (const uint32_t day : {20260908u, 20260910u, 20260909u}) {
    view_.Fold(logged, stay_.View(), day);
  }
  ev::HoursConfirmed confirmed;
  confirmed.set_minutes(400);
  view_.Fold(confirmed, stay_.View(), 20260909);
  ev::HoursOverrun overrun;
  overrun.set_planned_minutes(1200);
  overrun.set_logged_minutes(1260);
  const Fact noted = view_.Fold(overrun, stay_.View());
  ev::AdditionalHoursGranted granted;
  granted.set_minutes(240);
  granted.add_shares()->set_module("850-568");
  view_.Fold(granted, stay_.View());
  const StayRow stay = TheStay();
  EXPECT_EQ(stay.days,
            (std::vector<DayFacts>{{20260908, 420, 0}, {20260909, 420, 400}, {20260910, 420, 0}}));
  EXPECT_EQ(stay.LoggedMinutes(), 1260u);
  EXPECT_EQ(stay.ConfirmedMinutes(), 400u);
  EXPECT_EQ(stay.AddedMinutes(), 240u);
  EXPECT_EQ(stay.overruns, (std::vector<OverrunFacts>{{1200, 1260, noted}}));
}

TEST_F(StudentProgressTest, TheLastOutcomeOfAnActivityStandsAndTheFormerOnesStay) {
  Schedule();
  ev::ActivityPartlyPerformed partly;
  partly.set_cause(ty::OUTCOME_CAUSE_TIME);
  const Fact first = FoldActivity(partly, "a1");
  const Fact second = FoldActivity(ev::ActivityCompleted(), "a1");
  FoldActivity(ev::ActivityCompleted(), "a9");  // no activity of the plan
  const StayRow stay = TheStay();
  ASSERT_EQ(stay.outcomes.size(), 3u);
  EXPECT_EQ(stay.outcomes[0],
            (OutcomeFacts{"a1", ty::OUTCOME_KIND_PARTLY, ty::OUTCOME_CAUSE_TIME, first}));
  EXPECT_EQ(stay.outcomes[1], (OutcomeFacts{"a1", ty::OUTCOME_KIND_COMPLETED,
                                            ty::OUTCOME_CAUSE_UNSPECIFIED, second}));
  EXPECT_EQ(stay.Outcomes(), (std::vector<const OutcomeFacts*>{&stay.outcomes[1], nullptr}));
  EXPECT_EQ(stay.UnaccountedCount(), 1u);
}

TEST_F(StudentProgressTest, TheLastEstimateOfAnObjectiveStandsAndItsWordsStaySealed) {
  Schedule();
  ev::FormativeEstimateReported estimate;
  estimate.set_objective("o1");
  estimate.set_not_observed(true);
  view_.Fold(estimate, stay_.View());
  estimate.set_not_observed(false);
  estimate.set_scale_version(4);
  estimate.mutable_words()->set_ciphertext("sealed");
  const Fact reported = view_.Fold(estimate, stay_.View(), 20260910, "zoe");
  const StayRow stay = TheStay();
  EXPECT_EQ(stay.estimates, (std::vector<EstimateFacts>{{"o1", false, 4, "zoe", reported}}));
  const auto words = view_.Get<WordsRow>(EstimateWordsKey(stay_, "o1"));
  EXPECT_EQ(words.said, reported);
  EXPECT_EQ(words.sealed, estimate.words().SerializeAsString());
}

TEST_F(StudentProgressTest, EveryReportStays) {
  Schedule();
  ev::TutorReportSubmitted report;
  report.set_kind(ty::TUTOR_REPORT_KIND_INTERIM);
  report.mutable_words()->set_ciphertext("first");
  const Fact first = view_.Fold(report, stay_.View());
  report.set_kind(ty::TUTOR_REPORT_KIND_FINAL);
  report.add_not_observed("o2");
  report.mutable_words()->set_ciphertext("second");
  const Fact second = view_.Fold(report, stay_.View());
  const StayRow stay = TheStay();
  ASSERT_EQ(stay.reports.size(), 2u);
  EXPECT_EQ(stay.reports[1].kind, ty::TUTOR_REPORT_KIND_FINAL);
  EXPECT_EQ(stay.reports[1].not_observed, std::vector<std::string>{"o2"});
  EXPECT_NE(view_.Get<WordsRow>(ReportWordsKey(stay_, first)).sealed,
            view_.Get<WordsRow>(ReportWordsKey(stay_, second)).sealed);
}

TEST_F(StudentProgressTest, AMakeUpIsOwedPlannedAndClosed) {
  Schedule();
  const std::string aggregate = stay_.Str() + "a2";
  ev::MakeUpRequired required;
  required.set_stay_id(stay_.Str());
  required.set_activity("a2");
  required.add_modules("850-568");
  const Fact owed = view_.Fold(required, aggregate);
  StayRow stay = TheStay();
  ASSERT_NE(stay.FindMakeUp("a2"), nullptr);
  EXPECT_EQ(stay.FindMakeUp("a2")->state, ty::MAKE_UP_STATE_REQUIRED);
  EXPECT_EQ(stay.FindMakeUp("a2")->latest, owed);
  ev::MakeUpPlanned planned;
  planned.set_owner_id(Person("maude").Str());
  planned.set_due_on(20261015);
  view_.Fold(planned, aggregate);
  const Fact done = view_.Fold(ev::MakeUpCompleted(), aggregate, 20261010);
  stay = TheStay();
  const MakeUpFacts* make_up = stay.FindMakeUp("a2");
  EXPECT_EQ(make_up->state, ty::MAKE_UP_STATE_COMPLETED);
  EXPECT_EQ(make_up->owner_id, Person("maude"));
  EXPECT_EQ(make_up->due_on, 20261015u);
  EXPECT_EQ(make_up->closed_on, 20261010u);
  EXPECT_EQ(make_up->required, owed);
  EXPECT_EQ(make_up->latest, done);
  EXPECT_EQ(make_up->modules, std::vector<std::string>{"850-568"});

  view_.Fold(required, aggregate);
  ev::MakeUpDischarged discharged;
  discharged.set_cause(ty::DISCHARGE_CAUSE_PERFORMED_AFTER_ALL);
  view_.Fold(discharged, aggregate, 20261011);
  stay = TheStay();
  ASSERT_EQ(stay.make_ups.size(), 1u);
  EXPECT_EQ(stay.make_ups[0].state, ty::MAKE_UP_STATE_DISCHARGED);
  EXPECT_EQ(stay.make_ups[0].discharge, ty::DISCHARGE_CAUSE_PERFORMED_AFTER_ALL);
  EXPECT_EQ(stay.make_ups[0].owner_id, PersonId{}) << "required again, it begins anew";
}

TEST_F(StudentProgressTest, AttitudesAreNoPartOfProgress) {
  Schedule();
  const auto before = view_.Row<StayRow>(StayKey(stay_));
  ev::AttitudeObserved attitude;
  attitude.set_observation_number(1);
  view_.Fold(attitude, stay_.View());
  EXPECT_EQ(view_.Row<StayRow>(StayKey(stay_)), before);
}

TEST_F(StudentProgressTest, AStudentsRowsLieTogetherWordsLast) {
  Enrol("5830");
  Schedule();
  ev::FormativeEstimateReported estimate;
  estimate.set_objective("o1");
  view_.Fold(estimate, stay_.View());
  const auto keys = view_.Keys(Key().Add(ada_.View()));
  ASSERT_EQ(keys.size(), 3u);
  EXPECT_EQ(keys[0], std::string("\0", 1));
  EXPECT_EQ(keys[1],
            "\1"
            "stay-1..");
  EXPECT_EQ(keys[2],
            "\2"
            "stay-1..eo1");
  EXPECT_EQ(view_.Keys(StaysPrefix(ada_)), std::vector<std::string>{"stay-1.."});
}

}  // namespace
}  // namespace jalon::projections
