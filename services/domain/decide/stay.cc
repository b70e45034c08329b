// StartStay and EndStay: when a stay may start (R5, R10, R13, R19, R22), and what its end leaves to
// the school (R14).
#include "jalon/event/v1/feedback_events.pb.h"
#include "jalon/event/v1/followup_events.pb.h"
#include "jalon/event/v1/stay_events.pb.h"
#include "jalon/stay/v1/stay_service.pb.h"
#include "services/domain/decide/stay_facts.h"
#include "services/domain/decide/stays.h"
#include "services/domain/registry.h"
#include "services/domain/sequence_type.h"

namespace jalon::domain {
namespace {

// The student is there already: the coordinator may record the start with a reason, where policy
// allows it. What lacks stays open until it is supplied.
bool MayDeviate(const stay::v1::StartStay& command, const Context& context, const Policy& policy) {
  return command.deviation_reason().has_sealed() && context.IsCoordinator() &&
         policy.Is(PolicyKey::kStartDeviation, "ALLOWED");
}

Decision Decide(const stay::v1::StartStay& command, const Context& context, State& state) {
  const auto [student, stay] = FindStay(context, state, command.stay_id());
  if (stay == nullptr) return Refuse(Reason::NOT_FOUND, SubjectOf(command.stay_id()));
  const Policy policy(*state.School(), context.today());
  const StartReadiness readiness = ReadinessToStart(
      StartReadinessFactsOf(*stay, state, policy, command.started_on()), command.started_on());
  const bool deviates = !readiness.ready() && MayDeviate(command, context, policy);

  Refusals refusals;
  CheckVersion(context, stay->version, stay->scheduled, refusals);
  CheckFactDate(context, *state.School(), command.started_on(), "command.started_on", refusals);
  if (!stay->IsPlanned()) {
    refusals.Add(Reason::STAY_NOT_PLANNED, SubjectOf(stay->id), {stay->started, stay->ended});
  } else if (!deviates) {
    for (const Violation& lack : readiness.lacking) refusals.Add(lack);
  }
  if (refusals) return Refuse(std::move(refusals));

  EventList events(context, state);
  event::v1::StayStarted started;
  started.set_plan_version(stay->plan_version);
  events.Add(AggregateOf(*stay), started, AboutStay(*stay, command.started_on()));
  if (deviates) {
    event::v1::StartDeviationRecorded deviation;
    for (const Violation& lack : readiness.lacking) {
      const auto& known = deviation.missing();
      if (std::ranges::find(known, lack.reason) == known.end()) deviation.add_missing(lack.reason);
    }
    *deviation.mutable_reason() = command.deviation_reason().sealed();
    events.Add(AggregateOf(*stay), deviation, AboutStay(*stay, command.started_on()));
    for (const Violation& lack : readiness.lacking) events.Warn(lack);
  }
  for (const Violation& warning : readiness.warnings) events.Warn(warning);
  return events;
}

// R14: exactly one make-up for each planned activity that was not fully performed.
void RequireMakeUp(const Stay& stay, const PlannedActivity& activity, type::v1::OutcomeKind outcome,
                   type::v1::OutcomeCause cause, LocalDate ended_on, EventList& events) {
  event::v1::MakeUpRequired required;
  required.set_stay_id(stay.id);
  required.set_activity(activity.code);
  for (const ModuleMinutes& share : activity.shares) required.add_modules(share.module);
  required.set_outcome(outcome);
  required.set_cause(cause);
  events.Add(AggregateOfMakeUp(stay, activity.code, stay.FindMakeUp(activity.code)), required,
             SystemAboutStay(stay, ended_on));
}

void AddEnd(const stay::v1::EndStay& command, const Stay& stay, EventList& events) {
  const bool early = command.kind() == type::v1::STAY_END_KIND_EARLY;
  event::v1::StayEnded ended;
  ended.set_ended_on(command.ended_on());
  ended.set_kind(command.kind());
  if (early) ended.set_cause(command.cause());
  if (command.remarks().has_sealed()) *ended.mutable_remarks() = command.remarks().sealed();
  events.Add(AggregateOf(stay), ended, AboutStay(stay, command.ended_on()));

  for (size_t i = 0; i < stay.plan->activities.size(); ++i) {
    const PlannedActivity& activity = stay.plan->activities[i];
    type::v1::OutcomeKind outcome = stay.outcomes[i].kind;
    type::v1::OutcomeCause cause = stay.outcomes[i].cause;
    if (outcome == type::v1::OUTCOME_KIND_UNSPECIFIED) {
      outcome = type::v1::OUTCOME_KIND_NOT_PERFORMED;
      cause = type::v1::OUTCOME_CAUSE_PRESUMED;
      event::v1::ActivityNotPerformed presumed;
      presumed.set_activity(activity.code);
      presumed.set_cause(cause);
      events.Add(AggregateOf(stay), presumed, SystemAboutStay(stay, command.ended_on()));
    }
    if (outcome == type::v1::OUTCOME_KIND_COMPLETED) continue;
    if (!RulesOf(stay.type).makes_up_and_gates) continue;
    RequireMakeUp(stay, activity, outcome, cause, command.ended_on(), events);
  }
}

Decision Decide(const stay::v1::EndStay& command, const Context& context, State& state) {
  const auto [student, stay] = FindStay(context, state, command.stay_id());
  if (stay == nullptr) return Refuse(Reason::NOT_FOUND, SubjectOf(command.stay_id()));
  Refusals refusals;
  CheckVersion(context, stay->version, stay->scheduled, refusals);
  CheckFactDate(context, *state.School(), command.ended_on(), "command.ended_on", refusals);
  refusals.If(command.kind() == type::v1::STAY_END_KIND_EARLY &&
                  command.cause() == type::v1::STAY_END_CAUSE_UNSPECIFIED,
              Reason::REASON_REQUIRED, "command.cause");
  if (!stay->IsStarted()) {
    refusals.Add(Reason::STAY_NOT_STARTED, SubjectOf(stay->id), {stay->scheduled, stay->ended});
    return Refuse(std::move(refusals));
  }
  refusals.If(command.ended_on() < stay->last_fact_on, Reason::END_BEFORE_LAST_FACT,
              DateText(stay->last_fact_on));
  // R5: nothing that was planned is passed over in silence.
  for (size_t i = 0; i < stay->plan->activities.size(); ++i) {
    refusals.If(stay->outcomes[i].kind == type::v1::OUTCOME_KIND_UNSPECIFIED &&
                    !command.presume_not_performed(),
                Reason::ACTIVITY_UNACCOUNTED, stay->plan->activities[i].code);
  }
  if (refusals) return Refuse(std::move(refusals));

  EventList events(context, state);
  AddEnd(command, *stay, events);
  return events;
}

}  // namespace

void RegisterStay(Commands& commands) {
  commands.Add<stay::v1::StartStay>(Decide);
  commands.Add<stay::v1::EndStay>(Decide);
}

}  // namespace jalon::domain
