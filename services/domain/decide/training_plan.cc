// AcceptTrainingPlan: the company answers for the activities (R5), and cannot change them (R6).
// RecordPreparation: the school prepares the student (R22).
#include "jalon/event/v1/placement_events.pb.h"
#include "jalon/placement/v1/placement_service.pb.h"
#include "services/domain/decide/stays.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

// Where the school keys the answer in, it names the signatory who gave it.
void CheckSignatory(const Context& context, State& state, const Stay& stay, LocalDate answered_on,
                    Refusals& refusals) {
  CheckOnBehalfOfCompany(context, state, stay.company_id, answered_on, true, refusals);
  if (!context.IsTranscribed() || refusals.Has(Reason::ON_BEHALF_OF_INVALID)) return;
  const PersonState* person = state.Person(context.ActingPerson());
  refusals.Unless(person->ActsFor(stay.company_id, type::v1::ROLE_COMPANY_SIGNATORY, answered_on),
                  Reason::ON_BEHALF_OF_INVALID, SubjectOf(context.ActingPerson()));
}

Decision Decide(const placement::v1::AcceptTrainingPlan& command, const Context& context,
                State& state) {
  const bool accepts = command.answer() == placement::v1::PLAN_ANSWER_ACCEPTED;
  const LocalDate answered_on = context.OrToday(command.answered_on());
  Refusals common;
  CheckFactDate(context, *state.School(), answered_on, "command.answered_on", common);
  // R6: the school imposes the activities, wording included.
  for (const placement::v1::ProposedWording& proposed : command.proposed_wordings()) {
    common.Add(Reason::CONTENT_IS_SCHOOL_ONLY, proposed.activity());
  }
  Bytes company_id;
  return DecideStays(
      command.rows(), context, state, common,
      [&](const placement::v1::AcceptTrainingPlanRow& row, const StudentState& student,
          const Stay& stay, Refusals& refusals, EventList& events) {
        if (company_id.empty()) company_id = stay.company_id;
        refusals.Unless(stay.company_id == company_id, Reason::STAYS_OF_SEVERAL_COMPANIES,
                        SubjectOf(stay.company_id));
        CheckSignatory(context, state, stay, answered_on, refusals);
        refusals.If(HasEvaluated(student, context.ActingPerson()), Reason::ROLE_CONFLICT,
                    SubjectOf(context.ActingPerson()));
        refusals.If(stay.IsCancelled(), Reason::STAY_CLOSED, SubjectOf(stay.id));
        if (row.plan_version() != stay.plan_version) {
          refusals.Add(Reason::PLAN_VERSION_STALE, std::to_string(stay.plan_version),
                       {stay.scheduled});
        }
        if (!accepts && !row.reason().has_sealed()) {
          refusals.Add({.reason = Reason::REASON_REQUIRED,
                        .subjects = {"reason"},
                        .cause = {},
                        .facts = {},
                        .rule = "R10"});
        }
        if (stay.answer.plan_version == row.plan_version() && stay.answer.accepted == accepts) {
          refusals.Add(Reason::NOTHING_TO_CHANGE, SubjectOf(stay.id), {stay.answer.fact});
        }
        if (refusals) return;

        if (accepts) {
          event::v1::TrainingPlanAccepted accepted;
          accepted.set_plan_version(row.plan_version());
          events.Add(AggregateOf(stay), accepted, AboutStay(stay, answered_on));
        } else {
          event::v1::TrainingPlanDeclined declined;
          declined.set_plan_version(row.plan_version());
          *declined.mutable_reason() = row.reason().sealed();
          events.Add(AggregateOf(stay), declined, AboutStay(stay, answered_on));
        }
      });
}

// Held after the start it is a fact like any other, and does not clear R22.
Decision Decide(const placement::v1::RecordPreparation& command, const Context& context,
                State& state) {
  Refusals common;
  CheckFactDate(context, *state.School(), command.held_on(), "command.held_on", common);
  return DecideStays(command.rows(), context, state, common,
                     [&](const placement::v1::RecordPreparationRow&, const StudentState&,
                         const Stay& stay, Refusals& refusals, EventList& events) {
                       refusals.If(stay.IsCancelled(), Reason::STAY_CLOSED, SubjectOf(stay.id));
                       if (refusals) return;

                       const bool late =
                           stay.started_on != 0 && stay.started_on < command.held_on();
                       event::v1::PreparationRecorded recorded;
                       for (const int topic : command.topics()) {
                         recorded.add_topics(static_cast<placement::v1::PreparationTopic>(topic));
                       }
                       recorded.set_late(late);
                       events.Add(AggregateOf(stay), recorded, AboutStay(stay, command.held_on()));
                       if (late)
                         events.Warn(Reason::PREPARATION_LATE, SubjectOf(stay.id), {stay.started});
                     });
}

}  // namespace

void RegisterTrainingPlan(Commands& commands) {
  commands.Add<placement::v1::AcceptTrainingPlan>(
      Decide, {.keyed_in_for = CommandTraits::KeyedInFor::kCompany});
  commands.Add<placement::v1::RecordPreparation>(Decide);
}

}  // namespace jalon::domain
