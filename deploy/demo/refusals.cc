#include "deploy/demo/refusals.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "jalon/evaluation/v1/evaluation_service.pb.h"
#include "jalon/feedback/v1/feedback_service.pb.h"
#include "jalon/refusal/v1/refusal_reason.pb.h"
#include "jalon/stay/v1/stay_service.pb.h"

namespace jalon::demo {
namespace {

constexpr std::string_view kReasonPrefix = "REFUSAL_REASON_";
constexpr int kSubjectsShown = 4;

void Show(const refusal::v1::Refusal& refusal, const Screen& screen) {
  const std::string name =
      refusal::v1::RefusalReason_Name(refusal.reason()).substr(kReasonPrefix.size());
  std::string subjects;
  for (int i = 0; i < refusal.subjects_size() && i < kSubjectsShown; ++i) {
    subjects += (i == 0 ? " [" : ", ") + refusal.subjects(i);
  }
  if (!subjects.empty()) subjects += refusal.subjects_size() > kSubjectsShown ? ", …]" : "]";
  screen.Line(fmt::format("  {} {}{}", name, refusal.rule(), subjects));
  screen.Line(fmt::format("    {}", refusal.message()));
  screen.Line(fmt::format("    → {}", refusal.remedy()));
}

// Sends a command that must be refused for `expected`, among other reasons perhaps.
void Expect(std::string_view act, const client::Client& who,
            const google::protobuf::Message& command, const std::vector<std::string_view>& expected,
            Crew& crew, Screen& screen) {
  client::Reply answer;
  crew.Send(who, command, [&](const client::Reply& reply) { answer = reply; });
  crew.Wait();
  bool all = !answer.ok;
  std::string names;
  for (const std::string_view reason : expected) {
    bool found = false;
    for (const auto& refusal : answer.refusals.refusals()) {
      found = found || refusal::v1::RefusalReason_Name(refusal.reason()) ==
                           fmt::format("{}{}", kReasonPrefix, reason);
    }
    all = all && found;
    names += (names.empty() ? "" : ", ") + std::string(reason);
  }
  screen.Claim(all, fmt::format("{}: refused {}", act, names));
  for (const auto& refusal : answer.refusals.refusals()) Show(refusal, screen);
  if (!all && !answer.ok) screen.Line(answer.error.reason + " " + answer.error.message);
}

}  // namespace

std::vector<std::string> RefusedOnPurpose() {
  return {"NO_TARGET",         "MODE_REQUIRED",          "CONTENT_IS_SCHOOL_ONLY",
          "PLAN_NOT_ACCEPTED", "RESOURCES_NOT_ATTESTED", "SUPERVISION_NOT_ARRANGED",
          "SCALE_UNKNOWN",     "ACTIVITY_UNACCOUNTED",   "SUMMATIVE_IS_SCHOOL_ONLY",
          "STAY_NOT_ENDED"};
}

void RefuseBeforeTheStay(const School& school, Crew& crew, Screen& screen, uint32_t start_on) {
  const Cohort& cohort = school.cohorts[0];
  catalogue::v1::DesignSequence design = cohort.plan.design;
  design.set_code("VIDE");
  design.clear_targets();
  design.clear_objectives();
  Expect("Maude designs a sequence without a target", school.teacher.client, design, {"NO_TARGET"},
         crew, screen);
  design = cohort.plan.design;
  design.set_code("MODES");
  design.mutable_targets(1)->clear_mode();
  Expect("Maude leaves out the mode of 850-573", school.teacher.client, design, {"MODE_REQUIRED"},
         crew, screen);
  Expect("the company's signatory defines an activity", school.companies[0].signatory.client,
         cohort.plan.activities, {"CONTENT_IS_SCHOOL_ONLY"}, crew, screen);
  stay::v1::StartStay start;
  start.set_stay_id(cohort.students[0].stay_id);
  start.set_started_on(start_on);
  Expect("Maude starts a stay that nobody prepared", school.teacher.client, start,
         {"PLAN_NOT_ACCEPTED", "RESOURCES_NOT_ATTESTED", "SUPERVISION_NOT_ARRANGED"}, crew, screen);
}

void RefuseDuringTheStay(const School& school, Crew& crew, Screen& screen, uint32_t today_on) {
  const Cohort& cohort = school.cohorts[0];
  const Student& student = cohort.students[0];
  const client::Client& tutor = school.companies[student.company].tutor.client;
  feedback::v1::ReportFormativeEstimate estimate;
  estimate.set_stay_id(student.stay_id);
  estimate.set_objective("o1");
  estimate.set_observed_on(today_on);
  estimate.mutable_words()->mutable_clear()->set_word("4");
  Expect("the tutor writes \"4\" instead of a word", tutor, estimate, {"SCALE_UNKNOWN"}, crew,
         screen);
  stay::v1::EndStay end;
  end.set_stay_id(student.stay_id);
  end.set_ended_on(today_on);
  end.set_kind(type::v1::STAY_END_KIND_EARLY);
  end.set_cause(type::v1::STAY_END_CAUSE_OTHER);
  Expect("Maude ends a stay with silent activities", school.teacher.client, end,
         {"ACTIVITY_UNACCOUNTED"}, crew, screen);
  evaluation::v1::RecordSummativeEvaluation evaluation;
  evaluation.set_student_id(student.id);
  evaluation.set_module(cohort.plan.modules[1]);
  evaluation.set_sat_from_on(today_on);
  evaluation.set_sat_to_on(today_on);
  *evaluation.mutable_criteria()->mutable_programme() = cohort.plan.design.programme();
  evaluation.mutable_criteria()->set_module(cohort.plan.modules[1]);
  evaluation.set_result(type::v1::EVALUATION_RESULT_SUCCESS);
  Expect("the tutor records a summative evaluation", tutor, evaluation,
         {"SUMMATIVE_IS_SCHOOL_ONLY"}, crew, screen);
  Expect("Maude evaluates before the stay has ended", school.teacher.client, evaluation,
         {"STAY_NOT_ENDED"}, crew, screen);
}

}  // namespace jalon::demo
