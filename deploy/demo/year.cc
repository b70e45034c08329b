#include "deploy/demo/year.h"

#include <algorithm>

#include "deploy/demo/calendar.h"
#include "jalon/company/v1/company_service.pb.h"
#include "jalon/evaluation/v1/evaluation_service.pb.h"
#include "jalon/feedback/v1/feedback_service.pb.h"
#include "jalon/followup/v1/follow_up_service.pb.h"
#include "jalon/placement/v1/placement_service.pb.h"
#include "jalon/stay/v1/stay_service.pb.h"

namespace jalon::demo {
namespace {

constexpr int kWeeks = 5;
constexpr int kDaysBeforeStart = 14;
constexpr size_t kRowsMax = 100;
constexpr const char* kEstimates[] = {"not yet", "with help", "with some help", "alone"};

// A tutor who reports does so: which activities a student has done by the end of a week (0 to 4),
// one each week.
std::string ActivityOfWeek(int week) { return "a" + std::to_string(week + 1); }

bool Touches(const Cohort& cohort, const std::string& activity, const std::string& module) {
  if (activity == "a5") return true;
  const bool first = activity != "a4";
  return first == (module == cohort.plan.modules[0]);
}

}  // namespace

Year::Year(std::vector<School>& schools, Crew& crew, uint32_t today_on,
           std::function<void(uint32_t)> advance, std::function<void(const char*)> on_progress)
    : schools_(schools),
      crew_(crew),
      advance_(std::move(advance)),
      on_progress_(std::move(on_progress)),
      today_on_(today_on),
      start_on_(MondayFrom(DaysAfter(today_on, kDaysBeforeStart))),
      end_on_(DaysAfter(start_on_, 7 * kWeeks - 3)) {}

template <typename Do>
void Year::ForEachStudent(Do action) {
  for (School& school : schools_) {
    for (Cohort& cohort : school.cohorts) {
      for (Student& student : cohort.students) action(school, cohort, student);
    }
  }
  crew_.Wait();
}

void Year::AdvanceTo(uint32_t on) {
  crew_.Wait();
  if (on <= today_on_) return;
  advance_(on);
  today_on_ = on;
}

void Year::Schedule(School& school, Cohort& cohort) {
  const client::Client& coordinator = school.coordinator.client;
  for (size_t first = 0; first < cohort.students.size(); first += kRowsMax) {
    const size_t last = std::min(first + kRowsMax, cohort.students.size());
    placement::v1::AssignSequence assign;
    assign.set_sequence_id(cohort.sequence_id);
    placement::v1::ScheduleStays schedule;
    for (size_t i = first; i < last; ++i) {
      assign.add_rows()->set_student_id(cohort.students[i].id);
      auto* row = schedule.add_rows();
      row->set_student_id(cohort.students[i].id);
      row->set_sequence_id(cohort.sequence_id);
      row->set_company_id(school.companies[cohort.students[i].company].id);
      row->set_starts_on(start_on_);
      row->set_ends_on(end_on_);
    }
    crew_.Send(coordinator, assign);
    crew_.Wait();
    crew_.Send(coordinator, schedule, [&cohort, first](const client::Reply& reply) {
      for (const auto& created : reply.result.created()) {
        if (created.kind() != type::v1::AGGREGATE_KIND_STAY) continue;
        cohort.students[first + created.row()].stay_id = created.id();
      }
    });
    crew_.Wait();
  }
}

void Year::Arrange(const School& school, const Cohort& cohort, size_t company) {
  const Company& host = school.companies[company];
  company::v1::AttestCompanyResources attest;
  attest.set_company_id(host.id);
  attest.set_sequence_id(cohort.sequence_id);
  attest.set_human("A tutor for every two students.");
  attest.set_material("Two bays, tools, protective equipment.");
  attest.set_means(company::v1::ATTESTATION_MEANS_VISIT);
  crew_.Send(school.teacher.client, attest);

  placement::v1::AcceptTrainingPlan accept;
  accept.set_answer(placement::v1::PLAN_ANSWER_ACCEPTED);
  placement::v1::AssignTutor tutor;
  tutor.set_tutor_id(host.tutor.id);
  placement::v1::AssignSchoolSupervisor supervisor;
  supervisor.set_supervisor_id(school.teacher.id);
  placement::v1::AgreeSupervision propose;
  propose.mutable_rhythm()->set_kind(type::v1::CONTACT_KIND_VISIT);
  propose.mutable_rhythm()->set_count(1);
  propose.mutable_rhythm()->set_period_days(14);
  placement::v1::AgreeSupervision assent;
  placement::v1::RecordPreparation prepare;
  prepare.set_held_on(today_on_);
  prepare.add_topics(placement::v1::PREPARATION_TOPIC_ATTITUDES);
  prepare.add_topics(placement::v1::PREPARATION_TOPIC_TRAINEE_RIGHTS);
  for (const Student& student : cohort.students) {
    if (student.company != company) continue;
    auto* accepted = accept.add_rows();
    accepted->set_stay_id(student.stay_id);
    accepted->set_plan_version(1);
    tutor.add_rows()->set_stay_id(student.stay_id);
    supervisor.add_rows()->set_stay_id(student.stay_id);
    auto* proposal = propose.add_rows();
    proposal->set_stay_id(student.stay_id);
    auto* terms = proposal->mutable_terms()->mutable_clear();
    terms->set_accompaniment("The tutor works beside the student.");
    terms->set_supervision("The teacher visits every second week.");
    auto* agreed = assent.add_rows();
    agreed->set_stay_id(student.stay_id);
    agreed->set_proposal_number(1);
    prepare.add_rows()->set_stay_id(student.stay_id);
  }
  if (accept.rows().empty()) return;
  crew_.Send(host.signatory.client, accept);
  crew_.Send(school.coordinator.client, tutor);
  crew_.Send(school.coordinator.client, supervisor);
  crew_.Send(school.teacher.client, prepare);
  crew_.Wait();
  crew_.Send(school.teacher.client, propose);
  crew_.Wait();
  crew_.Send(host.signatory.client, assent);
}

void Year::Schedule() {
  on_progress_("placement");
  for (School& school : schools_) {
    for (Cohort& cohort : school.cohorts) Schedule(school, cohort);
  }
}

void Year::Arrange() {
  on_progress_("placement");
  for (School& school : schools_) {
    for (Cohort& cohort : school.cohorts) {
      for (size_t company = 0; company < school.companies.size(); ++company) {
        Arrange(school, cohort, company);
      }
    }
  }
  crew_.Wait();
}

void Year::Start() {
  on_progress_("the stays start");
  AdvanceTo(start_on_);
  ForEachStudent([this](School& school, Cohort&, Student& student) {
    stay::v1::StartStay start;
    start.set_stay_id(student.stay_id);
    start.set_started_on(start_on_);
    crew_.Send(school.teacher.client, start);
  });
}

void Year::WorkWeek(const School& school, const Cohort& cohort, const Student& student, int week) {
  const client::Client& tutor = school.companies[student.company].tutor.client;
  const uint32_t monday = DaysAfter(start_on_, 7 * week);
  stay::v1::LogHours hours;
  hours.set_stay_id(student.stay_id);
  for (int day = 0; day < 5; ++day) {
    auto* worked = hours.add_days();
    worked->set_worked_on(DaysAfter(monday, day));
    worked->set_minutes(6 * 60);
  }
  crew_.Send(tutor, hours);

  const std::string activity = ActivityOfWeek(week);
  if (!(activity == "a3" && LeavesA3Silent(student))) {
    feedback::v1::RecordActivityOutcomes outcomes;
    outcomes.set_stay_id(student.stay_id);
    auto* outcome = outcomes.add_outcomes();
    outcome->set_activity(activity);
    outcome->set_performed_on(DaysAfter(monday, 4));
    const bool partly = activity == "a2" && DoesA2Partly(student);
    outcome->set_outcome(partly ? type::v1::OUTCOME_KIND_PARTLY : type::v1::OUTCOME_KIND_COMPLETED);
    if (partly) outcome->set_cause(type::v1::OUTCOME_CAUSE_TIME);
    crew_.Send(tutor, outcomes);
  }
  feedback::v1::ReportFormativeEstimate estimate;
  estimate.set_stay_id(student.stay_id);
  estimate.set_objective(cohort.plan.objectives[static_cast<size_t>(week)]);
  estimate.set_observed_on(DaysAfter(monday, 4));
  auto* words = estimate.mutable_words()->mutable_clear();
  words->set_word(kEstimates[(student.number + static_cast<uint32_t>(week)) % 4]);
  words->set_comment("Careful and curious; ask for help earlier.");
  crew_.Send(tutor, estimate);
}

void Year::Observe(const School& school, const Cohort&, const Student& student) {
  feedback::v1::ObserveAttitude observe;
  observe.set_stay_id(student.stay_id);
  observe.set_observed_on(DaysAfter(start_on_, 9));
  observe.mutable_words()->mutable_clear()->set_text("Came late twice this week.");
  crew_.Send(school.companies[student.company].tutor.client, observe);
}

void Year::Work() {
  for (int week = 0; week < kWeeks; ++week) {
    on_progress_("five weeks in the workplace");
    AdvanceTo(DaysAfter(start_on_, 7 * week + 5));
    ForEachStudent([&](School& school, Cohort& cohort, Student& student) {
      WorkWeek(school, cohort, student, week);
      if (week == 2 && IsObserved(student)) Observe(school, cohort, student);
    });
  }
}

void Year::End() {
  on_progress_("reports and ends");
  ForEachStudent([this](School& school, Cohort&, Student& student) {
    if (!TutorNeverReports(student)) {
      feedback::v1::SubmitTutorReport report;
      report.set_stay_id(student.stay_id);
      report.set_kind(type::v1::TUTOR_REPORT_KIND_FINAL);
      report.mutable_words()->mutable_clear()->set_text("We would take this student again.");
      crew_.Send(school.companies[student.company].tutor.client, report);
    }
    stay::v1::EndStay end;
    end.set_stay_id(student.stay_id);
    end.set_ended_on(end_on_);
    end.set_kind(type::v1::STAY_END_KIND_AS_PLANNED);
    end.set_presume_not_performed(true);
    crew_.Send(school.teacher.client, end);
  });
}

void Year::MakeUp() {
  on_progress_("make-up at school");
  AdvanceTo(DaysAfter(end_on_, 5));
  const uint32_t due_on = DaysAfter(end_on_, 40);
  auto each = [this](auto action) {
    ForEachStudent([&](School& school, Cohort&, Student& student) {
      if (LeavesA3Silent(student)) action(school, student, "a3");
      if (DoesA2Partly(student)) action(school, student, "a2");
      if (IsObserved(student) && student.number % 12 == 0) action(school, student, "");
    });
  };
  each([&](School& school, Student& student, std::string activity) {
    if (activity.empty()) {
      followup::v1::RecordFollowUp follow_up;
      follow_up.set_stay_id(student.stay_id);
      follow_up.add_observation_numbers(1);
      follow_up.set_place(type::v1::PLACE_SCHOOL);
      follow_up.set_held_on(today_on_);
      follow_up.mutable_words()->mutable_clear()->set_text("We agreed on a plan for the bus.");
      return crew_.Send(school.teacher.client, follow_up);
    }
    followup::v1::PlanMakeUp plan;
    plan.set_owner_id(school.teacher.id);
    plan.set_place(type::v1::PLACE_SCHOOL);
    plan.set_due_on(due_on);
    auto* row = plan.add_rows();
    row->set_stay_id(student.stay_id);
    row->set_activity(activity);
    crew_.Send(school.teacher.client, plan);
  });
  AdvanceTo(DaysAfter(end_on_, 30));
  each([&](School& school, Student& student, std::string activity) {
    if (activity.empty() || MakesUpLate(student)) return;
    followup::v1::CompleteMakeUp complete;
    complete.mutable_done_at_school()->set_done_on(today_on_);
    auto* row = complete.add_rows();
    row->set_stay_id(student.stay_id);
    row->set_activity(activity);
    crew_.Send(school.teacher.client, complete);
  });
}

void Year::EvaluateModule(const School& school, const Cohort& cohort, const Student& student,
                          const std::string& module) {
  evaluation::v1::RecordSummativeEvaluation evaluation;
  evaluation.set_student_id(student.id);
  evaluation.set_module(module);
  evaluation.set_sat_from_on(today_on_);
  evaluation.set_sat_to_on(today_on_);
  *evaluation.mutable_criteria()->mutable_programme() = cohort.plan.design.programme();
  evaluation.mutable_criteria()->set_module(module);
  for (const auto& activity : cohort.plan.activities.activities()) {
    if (!Touches(cohort, activity.code(), module)) continue;
    if (activity.code() == "a3" && LeavesA3Silent(student)) continue;
    auto* item = evaluation.add_basis();
    item->set_kind(evaluation::v1::BASIS_KIND_STAY_ACTIVITY);
    item->set_stay_id(student.stay_id);
    item->set_activity(activity.code());
  }
  evaluation.set_result(FailsFirst(student) ? type::v1::EVALUATION_RESULT_FAILURE
                                            : type::v1::EVALUATION_RESULT_SUCCESS);
  crew_.Send(school.teacher.client, evaluation);
}

void Year::Evaluate() {
  on_progress_("summative evaluation, by the school");
  AdvanceTo(DaysAfter(end_on_, 45));
  ForEachStudent([this](School& school, Cohort& cohort, Student& student) {
    const bool owed = MakesUpLate(student) && (LeavesA3Silent(student) || DoesA2Partly(student));
    if (!owed) EvaluateModule(school, cohort, student, cohort.plan.modules[0]);
    EvaluateModule(school, cohort, student, cohort.plan.modules[1]);
  });
}

}  // namespace jalon::demo
