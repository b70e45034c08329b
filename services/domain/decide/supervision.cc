// AssignTutor, AssignSchoolSupervisor, AgreeSupervision: the company, with the school, sets up
// accompaniment and supervision (R19).
#include "jalon/event/v1/placement_events.pb.h"
#include "jalon/placement/v1/placement_service.pb.h"
#include "services/domain/decide/stays.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

// A duty may begin on a day to come, or on one gone by that is not too long ago.
void CheckFrom(const Context& context, State& state, LocalDate from_on, Refusals& refusals) {
  if (from_on > context.today()) return;
  CheckFactDate(context, *state.School(), from_on, "command.from_on", refusals);
}

// A duty of a stay is held while it runs: nobody gets one after its end.
void CheckOpenFrom(const Stay& stay, LocalDate from_on, Refusals& refusals) {
  if (stay.IsCancelled() || (stay.IsEnded() && stay.ended_on < from_on)) {
    refusals.Add(Reason::STAY_CLOSED, SubjectOf(stay.id), {stay.ended});
  }
}

// The person holds the duty already, until nobody follows.
bool HoldsAlready(const Duty& duty, std::string_view person_id, LocalDate from_on) {
  return duty.Held(person_id, from_on) && duty.SucceededOn(person_id) == 0;
}

Decision Decide(const placement::v1::AssignTutor& command, const Context& context, State& state) {
  const LocalDate from_on = context.OrToday(command.from_on());
  const PersonState* tutor = state.Person(command.tutor_id());
  Refusals common;
  CheckFrom(context, state, from_on, common);
  return DecideStays(
      command.rows(), context, state, common,
      [&](const placement::v1::AssignTutorRow&, const StudentState& student, const Stay& stay,
          Refusals& refusals, EventList& events) {
        CheckOpenFrom(stay, from_on, refusals);
        refusals.Unless(
            tutor != nullptr &&
                tutor->ActsFor(stay.company_id, type::v1::ROLE_WORKPLACE_TUTOR, context.today()),
            Reason::TUTOR_NOT_OF_COMPANY, SubjectOf(command.tutor_id()));
        refusals.If(HasEvaluated(student, command.tutor_id()) ||
                        stay.supervisor.EverHeld(command.tutor_id()),
                    Reason::ROLE_CONFLICT, SubjectOf(command.tutor_id()));
        refusals.If(HoldsAlready(stay.tutor, command.tutor_id(), from_on),
                    Reason::NOTHING_TO_CHANGE, SubjectOf(stay.id));
        if (refusals) return;

        const DutyHolder* previous = stay.tutor.HolderOn(from_on);
        if (previous == nullptr) {
          event::v1::TutorAssigned assigned;
          assigned.set_tutor_id(command.tutor_id());
          assigned.set_from_on(from_on);
          events.Add(AggregateOf(stay), assigned, AboutStay(stay));
        } else {
          event::v1::TutorReplaced replaced;
          replaced.set_tutor_id(command.tutor_id());
          replaced.set_from_on(from_on);
          replaced.set_previous_id(previous->person_id);
          events.Add(AggregateOf(stay), replaced, AboutStay(stay));
        }
      });
}

Decision Decide(const placement::v1::AssignSchoolSupervisor& command, const Context& context,
                State& state) {
  const LocalDate from_on = context.OrToday(command.from_on());
  const PersonState* supervisor = state.Person(command.supervisor_id());
  Refusals common;
  CheckFrom(context, state, from_on, common);
  common.Unless(supervisor != nullptr && supervisor->IsStaff(context.today()),
                Reason::NOT_SCHOOL_STAFF, SubjectOf(command.supervisor_id()));
  return DecideStays(command.rows(), context, state, common,
                     [&](const placement::v1::AssignSchoolSupervisorRow&, const StudentState&,
                         const Stay& stay, Refusals& refusals, EventList& events) {
                       CheckOpenFrom(stay, from_on, refusals);
                       refusals.If(stay.tutor.EverHeld(command.supervisor_id()),
                                   Reason::ROLE_CONFLICT, SubjectOf(command.supervisor_id()));
                       refusals.If(HoldsAlready(stay.supervisor, command.supervisor_id(), from_on),
                                   Reason::NOTHING_TO_CHANGE, SubjectOf(stay.id));
                       if (refusals) return;

                       event::v1::SchoolSupervisorAssigned assigned;
                       assigned.set_supervisor_id(command.supervisor_id());
                       assigned.set_from_on(from_on);
                       events.Add(AggregateOf(stay), assigned, AboutStay(stay));
                     });
}

// A proposal says how, and how often school and company are in contact.
void CheckProposal(const placement::v1::AgreeSupervision& command,
                   const placement::v1::AgreeSupervisionRow& row, Refusals& refusals) {
  refusals.Unless(row.terms().has_sealed(), Reason::FIELD_REQUIRED, "terms");
  const type::v1::ContactRhythm& rhythm = command.rhythm();
  refusals.If(rhythm.kind() == type::v1::CONTACT_KIND_UNSPECIFIED || rhythm.count() == 0 ||
                  rhythm.period_days() == 0,
              Reason::FIELD_REQUIRED, "command.rhythm");
}

// An assent is to the last proposal of the other side, and not by the one who made it: two agree.
void CheckAssent(const Stay& stay, const placement::v1::AgreeSupervisionRow& row, bool by_company,
                 const Bytes& person_id, Refusals& refusals) {
  refusals.If(row.terms().has_sealed(), Reason::FIELD_INVALID, "terms");
  const uint32_t proposed =
      by_company ? stay.supervision.school_proposal : stay.supervision.company_proposal;
  const Bytes& proposer =
      by_company ? stay.supervision.school_proposer : stay.supervision.company_proposer;
  refusals.If(proposed != 0 && proposer == person_id, Reason::ROLE_CONFLICT, SubjectOf(person_id));
  if (proposed != row.proposal_number()) {
    refusals.Add({.reason = Reason::SUPERVISION_NOT_ARRANGED,
                  .subjects = {std::to_string(row.proposal_number())},
                  .cause = "NO_SUCH_PROPOSAL",
                  .facts = {},
                  .rule = {}});
  }
  if (stay.supervision.agreed_proposal == row.proposal_number()) {
    refusals.Add(Reason::NOTHING_TO_CHANGE, SubjectOf(stay.id), {stay.supervision.agreed});
  }
}

// Two assents are needed: one side proposes, the other one assents.
Decision Decide(const placement::v1::AgreeSupervision& command, const Context& context,
                State& state) {
  const LocalDate agreed_on = context.OrToday(command.agreed_on());
  const bool by_company = context.IsActOfCompany();
  Refusals common;
  CheckFactDate(context, *state.School(), agreed_on, "command.agreed_on", common);
  return DecideStays(
      command.rows(), context, state, common,
      [&](const placement::v1::AgreeSupervisionRow& row, const StudentState&, const Stay& stay,
          Refusals& refusals, EventList& events) {
        CheckOnBehalfOfCompany(context, state, stay.company_id, agreed_on, false, refusals);
        refusals.If(stay.IsCancelled(), Reason::STAY_CLOSED, SubjectOf(stay.id));
        refusals.If(stay.tutor.holders.empty(), Reason::SUPERVISION_NOT_ARRANGED, "TUTOR");
        refusals.If(stay.supervisor.holders.empty(), Reason::SUPERVISION_NOT_ARRANGED,
                    "SCHOOL_SUPERVISOR");
        const bool proposes = row.proposal_number() == 0;
        if (proposes) {
          CheckProposal(command, row, refusals);
        } else {
          CheckAssent(stay, row, by_company, context.ActingPerson(), refusals);
        }
        if (refusals) return;

        if (proposes) {
          event::v1::SupervisionProposed proposed;
          proposed.set_proposal_number(stay.supervision.proposal_count + 1);
          proposed.set_by_company(by_company);
          *proposed.mutable_terms() = row.terms().sealed();
          *proposed.mutable_rhythm() = command.rhythm();
          events.Add(AggregateOf(stay), proposed, AboutStay(stay, agreed_on));
        } else {
          event::v1::SupervisionAgreed agreed;
          agreed.set_proposal_number(row.proposal_number());
          agreed.set_by_company(by_company);
          events.Add(AggregateOf(stay), agreed, AboutStay(stay, agreed_on));
        }
      });
}

}  // namespace

void RegisterSupervision(Commands& commands) {
  commands.Add<placement::v1::AssignTutor>(Decide);
  commands.Add<placement::v1::AssignSchoolSupervisor>(Decide);
  commands.Add<placement::v1::AgreeSupervision>(
      Decide, {.keyed_in_for = CommandTraits::KeyedInFor::kCompany});
}

}  // namespace jalon::domain
