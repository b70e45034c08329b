// RosterService: students of the school. The same row again changes nothing.
#include <algorithm>
#include <set>

#include "jalon/event/v1/followup_events.pb.h"
#include "jalon/event/v1/roster_events.pb.h"
#include "jalon/roster/v1/roster_service.pb.h"
#include "services/domain/checks.h"
#include "services/domain/decide/stay_facts.h"
#include "services/domain/decide/stays.h"
#include "services/domain/eligibility.h"
#include "services/domain/identity.h"
#include "services/domain/registry.h"
#include "services/domain/sequence_type.h"
#include "services/domain/subject.h"

namespace jalon::domain {
namespace {

using roster::v1::EnrolStudents;
using roster::v1::EnrolStudentsRow;

// The enrolment is as the row asks: nothing is to be written.
bool IsSo(const Enrolment* enrolment, const EnrolStudentsRow& row) {
  return enrolment != nullptr && enrolment->open &&
         enrolment->programme == RefOf(row.programme()) &&
         enrolment->in_alternance == row.in_alternance() && enrolment->cohort_id == row.cohort_id();
}

// A student keeps the version pinned at the first enrolment: another one is a move, not an
// enrolment.
void CheckVersionKept(const Enrolment* enrolment, const ProgrammeRef& programme,
                      Refusals& refusals) {
  if (enrolment == nullptr || enrolment->programme == programme) return;
  refusals.Add(Reason::VERSION_MISMATCH, enrolment->programme.Id(), {enrolment->fact});
}

bool IsOpen(const EligibilityFacts::Stay& stay) {
  return stay.state == type::v1::STAY_STATE_PLANNED || stay.state == type::v1::STAY_STATE_STARTED;
}

// R18: the evaluation of a student in work-study waits for stays. Who leaves it leaves none to come
// or running, and no target without a stay: each is released by name, with a reason.
void CheckMayLeave(const StudentState& student, const Enrolment& enrolment, const Context& context,
                   State& state, Refusals& refusals) {
  const EligibilityFacts facts = EligibilityFactsOf(student, enrolment, state);
  for (const EligibilityFacts::Stay& stay : facts.stays) {
    if (!RulesOf(stay.type).makes_up_and_gates || !IsOpen(stay)) continue;
    refusals.Add(Reason::STAYS_STILL_DUE, SubjectOf(stay.stay_id), {stay.scheduled, stay.started});
  }
  const EligibilityPolicy policy = EligibilityPolicyOf(Policy(*state.School(), context.today()));
  for (const EligibilityFacts::Assignment& assignment : facts.assignments) {
    for (const std::string& module : assignment.modules) {
      const Eligibility now = SummativeEligibility(facts, module, context.today(), policy);
      if (std::ranges::none_of(now.reasons, [](const Violation& reason) {
            return reason.reason == Reason::STAY_NOT_SCHEDULED ||
                   reason.reason == Reason::ACTIVITY_NOT_PLACED;
          })) {
        continue;
      }
      refusals.Add(Reason::STAYS_STILL_DUE, module, {assignment.assigned});
    }
  }
}

// Enrolled again, the student is owed again what was discharged when the enrolment ended.
void RestoreMakeUps(const StudentState& student, const std::string& programme_code,
                    LocalDate enrolled_on, EventList& events) {
  for (const Shared<Stay>& stay : student.stays) {
    if (stay->programme_code != programme_code) continue;
    for (const MakeUp& make_up : stay->make_ups) {
      if (make_up.IsOpen() || !make_up.closed_with_enrolment) continue;
      const PlannedActivity& activity = stay->plan->activities[make_up.activity];
      event::v1::MakeUpRequired required;
      required.set_stay_id(stay->id);
      required.set_activity(activity.code);
      for (const ModuleMinutes& share : activity.shares) required.add_modules(share.module);
      required.set_outcome(stay->outcomes[make_up.activity].kind);
      required.set_cause(stay->outcomes[make_up.activity].cause);
      events.Add(AggregateOfMakeUp(*stay, activity.code, &make_up), required,
                 SystemAboutStay(*stay, enrolled_on));
    }
  }
}

// By what a row names its student: the same twice in one command is a mistake.
const Bytes& NamedBy(const EnrolStudentsRow& row) {
  if (!row.student_id().empty()) return row.student_id();
  const type::v1::Sealed& identity = row.identity().sealed();
  return identity.lookup_mac().empty() ? identity.subject() : identity.lookup_mac();
}

bool IsMinorWithoutGuardian(const Context& context, uint32_t row) {
  return std::ranges::find(context.seen().minors_without_guardian, row) !=
         context.seen().minors_without_guardian.end();
}

Decision Decide(const EnrolStudents& command, const Context& context, State& state) {
  const LocalDate enrolled_on = context.OrToday(command.enrolled_on());
  Refusals common;
  CheckFactDate(context, *state.School(), enrolled_on, "command.enrolled_on", common);
  if (common) return Refuse(std::move(common));

  std::set<Bytes> people;
  const auto decide_row = [&](const EnrolStudentsRow& row, Refusals& refusals, EventList& events) {
    refusals.Unless(people.insert(NamedBy(row)).second, Reason::DUPLICATE_ROW);
    const IdentityLookup person = LookUpPerson(row.student_id(), row.identity(), state);
    person.Check("", refusals);
    const ProgrammeRef programme = RefOf(row.programme());
    refusals.If(state.Programme(programme) == nullptr, Reason::VERSION_NOT_ADOPTED, programme.Id());
    const StudentState* student = state.Student(person.person_id);
    const Enrolment* enrolment =
        student == nullptr ? nullptr : student->FindEnrolment(programme.code);
    CheckVersionKept(enrolment, programme, refusals);
    if (enrolment != nullptr && enrolment->in_alternance && !row.in_alternance()) {
      CheckMayLeave(*student, *enrolment, context, state, refusals);
    }
    CheckVersion(context, enrolment == nullptr ? 0 : enrolment->version,
                 enrolment == nullptr ? FactRef{} : enrolment->fact, refusals);
    if (refusals) return;

    const Aggregate aggregate{type::v1::AGGREGATE_KIND_ENROLMENT, person.person_id + programme.code,
                              enrolment == nullptr ? 0 : enrolment->version};
    events.Created(aggregate.kind, aggregate.id, programme.Id(), person.person_id);
    if (IsMinorWithoutGuardian(context, events.row())) events.Warn(Reason::MINOR_WITHOUT_GUARDIAN);
    if (IsSo(enrolment, row)) return;
    event::v1::StudentEnrolled enrolled;
    *enrolled.mutable_programme() = row.programme();
    enrolled.set_in_alternance(row.in_alternance());
    enrolled.set_cohort_id(row.cohort_id());
    person.Describe(row.identity(), enrolled);
    events.Add(aggregate, enrolled, {.occurred_on = enrolled_on, .subject = person.person_id});
    if (enrolment != nullptr && !enrolment->open) {
      RestoreMakeUps(*student, programme.code, enrolled_on, events);
    }
  };
  return DecideRows(command.rows(), context, state, RowsAre::kIndependent, decide_row);
}

}  // namespace

void RegisterRosterCommands(Commands& commands) { commands.Add<EnrolStudents>(Decide); }

}  // namespace jalon::domain
