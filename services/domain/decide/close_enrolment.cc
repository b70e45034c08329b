// CloseEnrolment: a student leaves, goes on in another school, or has completed the programme. What
// the school still owes is discharged with it.
#include <string>
#include <utility>
#include <vector>

#include "jalon/event/v1/followup_events.pb.h"
#include "jalon/event/v1/roster_events.pb.h"
#include "jalon/roster/v1/roster_service.pb.h"
#include "services/domain/checks.h"
#include "services/domain/decide/enrolments.h"
#include "services/domain/decide/stays.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

using roster::v1::CloseEnrolment;

// A stay that is to come or running ends by its own command: what became of it is not presumed.
void CheckNoOpenStay(const StudentState& student, const Enrolment& enrolment, Refusals& refusals) {
  for (const Shared<Stay>& stay : student.stays) {
    if (stay->programme_code != enrolment.programme.code) continue;
    if (!stay->IsPlanned() && !stay->IsStarted()) continue;
    refusals.Add(Reason::STAYS_STILL_DUE, SubjectOf(stay->id), {stay->scheduled, stay->started});
  }
}

void WarnOfModules(const StudentState& student, const Enrolment& enrolment, State& state,
                   EventList& events) {
  const ProgrammeState* programme = state.Programme(enrolment.programme);
  if (programme == nullptr) return;
  Violation warning{.reason = Reason::MODULES_NOT_EVALUATED};
  for (const Module& module : programme->modules) {
    if (student.Succeeded(enrolment.programme.code, module.code)) continue;
    warning.subjects.push_back(module.code);
  }
  if (!warning.subjects.empty()) events.Warn(std::move(warning));
}

void DischargeMakeUps(const StudentState& student, const Enrolment& enrolment, LocalDate closed_on,
                      EventList& events) {
  for (const Shared<Stay>& stay : student.stays) {
    if (stay->programme_code != enrolment.programme.code) continue;
    for (const MakeUp& make_up : stay->make_ups) {
      if (!make_up.IsOpen()) continue;
      event::v1::MakeUpDischarged discharged;
      discharged.set_cause(type::v1::DISCHARGE_CAUSE_ENROLMENT_CLOSED);
      const std::string& activity = stay->plan->activities[make_up.activity].code;
      events.Add(AggregateOfMakeUp(*stay, activity, &make_up), discharged,
                 SystemAboutStay(*stay, closed_on));
    }
  }
}

Decision Decide(const CloseEnrolment& command, const Context& context, State& state) {
  const StudentState* student = state.Student(command.student_id());
  if (student == nullptr) return Refuse(Reason::NOT_FOUND, SubjectOf(command.student_id()));
  Refusals refusals;
  const Enrolment* enrolment = EnrolmentNamed(*student, command.programme_code(), refusals);
  if (enrolment == nullptr) return Refuse(std::move(refusals));
  const LocalDate closed_on = context.OrToday(command.closed_on());
  CheckVersion(context, enrolment->version, enrolment->fact, refusals);
  CheckFactDate(context, *state.School(), closed_on, "command.closed_on", refusals);
  refusals.Unless(command.reason().has_sealed(), Reason::REASON_REQUIRED, "command.reason");
  if (!enrolment->open) {
    refusals.Add(Reason::ENROLMENT_CLOSED, enrolment->programme.code, {enrolment->closed});
  }
  CheckNoOpenStay(*student, *enrolment, refusals);
  if (refusals) return Refuse(std::move(refusals));

  EventList events(context, state);
  const About about{.occurred_on = closed_on, .subject = command.student_id()};
  if (command.end() == type::v1::ENROLMENT_END_COMPLETED) {
    event::v1::ProgrammeCompleted completed;
    *completed.mutable_reason() = command.reason().sealed();
    events.Add(AggregateOf(command.student_id(), *enrolment), completed, about);
  } else {
    event::v1::StudentWithdrawn withdrawn;
    withdrawn.set_end(command.end());
    *withdrawn.mutable_reason() = command.reason().sealed();
    events.Add(AggregateOf(command.student_id(), *enrolment), withdrawn, about);
  }
  DischargeMakeUps(*student, *enrolment, closed_on, events);
  WarnOfModules(*student, *enrolment, state, events);
  return events;
}

}  // namespace

void RegisterCloseEnrolment(Commands& commands) { commands.Add<CloseEnrolment>(Decide); }

}  // namespace jalon::domain
