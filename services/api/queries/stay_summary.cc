#include "services/api/queries/stay_summary.h"

#include "services/api/queries/facts.h"

namespace jalon::api {

Result<void> Summarise(const projections::StayRow& stay, const QueryContext& context,
                       LookUp& look_up, placement::v1::StaySummary* summary) {
  summary->set_stay_id(stay.stay_id.Str());
  summary->set_student_id(StudentOf(stay.stay_id).Str());
  summary->set_sequence_id(stay.sequence_id.Str());
  summary->set_sequence_version(stay.sequence_version);
  JALON_ASSIGN_OR_RETURN(const SequencePtr sequence,
                         look_up.Sequence(stay.sequence_id, stay.sequence_version));
  if (sequence != nullptr) summary->set_sequence_code(sequence->code());
  summary->set_type(stay.type);
  summary->set_company_id(stay.company_id.Str());
  JALON_ASSIGN_OR_RETURN(const auto* company, look_up.Company(stay.company_id));
  if (company != nullptr) summary->set_company_name(company->name);
  summary->set_group_id(stay.group_id.Str());
  JALON_ASSIGN_OR_RETURN(const auto* student, look_up.Student(StudentOf(stay.stay_id)));
  if (student != nullptr) {
    for (const projections::EnrolmentFacts& enrolment : student->enrolments) {
      if (enrolment.programme.code == stay.programme_code) {
        summary->set_cohort_id(enrolment.cohort_id.Str());
      }
    }
    if (!student->erased.IsNone()) *summary->mutable_erased() = EventOf(student->erased);
  }
  summary->set_state(stay.state);
  summary->set_starts_on(stay.starts_on);
  summary->set_ends_on(stay.ends_on);
  summary->set_started_on(stay.started_on);
  summary->set_ended_on(stay.ended_on);
  summary->set_end_kind(stay.end_kind);
  summary->set_end_cause(stay.end_cause);
  summary->set_plan_version(stay.plan_version);
  if (const auto* tutor = AssignedOn(stay.tutors, context.today)) {
    summary->set_tutor_id(tutor->person_id.Str());
  }
  if (const auto* supervisor = AssignedOn(stay.supervisors, context.today)) {
    summary->set_supervisor_id(supervisor->person_id.Str());
  }
  summary->set_planned_minutes(stay.PlannedMinutes());
  summary->set_logged_minutes(stay.LoggedMinutes());
  summary->set_activity_count(static_cast<uint32_t>(stay.plan->activities.size()));
  summary->set_unaccounted_count(stay.UnaccountedCount());
  return {};
}

}  // namespace jalon::api
