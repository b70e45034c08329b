// What the tutor estimates (R20), reports (R21) and observes (R23). Words, never a number; nothing
// here changes what a student may be evaluated on.
#include <algorithm>

#include "jalon/event/v1/feedback_events.pb.h"
#include "jalon/feedback/v1/feedback_service.pb.h"
#include "services/domain/decide/stays.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

// R20: the word is one of the scale in force. It is sealed by now: the door keeps it beside until
// this is decided.
void CheckScale(const feedback::v1::ReportFormativeEstimate& command, const Context& context,
                const Policy& policy, const SchoolState& school, Refusals& refusals) {
  if (command.not_observed()) {
    refusals.If(command.words().has_sealed(), Reason::FIELD_INVALID, "command.words");
    return;
  }
  refusals.Unless(command.words().has_sealed(), Reason::FIELD_REQUIRED, "command.words");
  const FactRef set = policy.Fact(PolicyKey::kEstimateScale);
  uint32_t in_force = 0;
  for (const PolicyEntry& entry : school.policy) {
    if (entry.fact == set) in_force = entry.policy_version;
  }
  if (command.scale_version() != in_force) {
    refusals.Add(Reason::SCALE_UNKNOWN, std::to_string(command.scale_version()), {set});
    return;
  }
  const std::vector<std::string> scale = policy.Words(PolicyKey::kEstimateScale);
  if (command.words().has_sealed() &&
      std::ranges::find(scale, context.seen().estimate_word) == scale.end()) {
    refusals.Add(Reason::SCALE_UNKNOWN, "words.word", {set});
  }
}

Decision Decide(const feedback::v1::ReportFormativeEstimate& command, const Context& context,
                State& state) {
  const auto [student, stay] = FindStay(context, state, command.stay_id());
  if (stay == nullptr) return Refuse(Reason::NOT_FOUND, SubjectOf(command.stay_id()));
  const SchoolState& school = *state.School();
  const Policy policy(school, context.today());
  const LocalDate observed_on = command.observed_on();
  Refusals refusals;
  CheckVersion(context, stay->version, stay->scheduled, refusals);
  CheckOnBehalfOfCompany(context, state, stay->company_id, observed_on, true, refusals);
  CheckFactDate(context, school, observed_on, "command.observed_on", refusals);
  if (stay->started_on == 0 || observed_on < stay->started_on) {
    refusals.Add(Reason::STAY_NOT_STARTED, SubjectOf(stay->id), {stay->scheduled, stay->started});
  } else {
    CheckInStay(*stay, observed_on, "command.observed_on", refusals);
  }
  CheckTutorOn(context, *stay, policy, observed_on, "command.observed_on", refusals);
  if (!stay->plan->IndexOfObjective(command.objective())) {
    refusals.Add(Reason::NOT_AN_OBJECTIVE_OF_THE_SEQUENCE, command.objective(), {stay->scheduled});
  }
  CheckScale(command, context, policy, school, refusals);
  if (refusals) return Refuse(std::move(refusals));

  event::v1::FormativeEstimateReported reported;
  reported.set_objective(command.objective());
  reported.set_scale_version(command.scale_version());
  reported.set_not_observed(command.not_observed());
  if (command.words().has_sealed()) *reported.mutable_words() = command.words().sealed();
  EventList events(context, state);
  events.Add(AggregateOf(*stay), reported, AboutStay(*stay, observed_on));
  return events;
}

// R21: a final report is silent on no objective of the plan: this or an earlier tutor estimated it,
// or says that it was not observed.
void CheckComplete(const feedback::v1::SubmitTutorReport& command, const Stay& stay,
                   Refusals& refusals) {
  for (size_t i = 0; i < stay.plan->objectives.size(); ++i) {
    const std::string& objective = stay.plan->objectives[i];
    const auto& named = command.not_observed();
    refusals.If(
        stay.estimates[i] == Estimated::kNo && std::ranges::find(named, objective) == named.end(),
        Reason::REPORT_INCOMPLETE, objective);
  }
}

// A tutor reports while holding the duty; one who was replaced, until the grace is over.
void CheckReporter(const Context& context, const Stay& stay, const Policy& policy,
                   LocalDate reported_on, Refusals& refusals) {
  const Bytes& tutor = context.ActingPerson();
  const LocalDate succeeded_on = stay.tutor.SucceededOn(tutor);
  const auto grace = static_cast<int32_t>(policy.Number(PolicyKey::kTutorGraceDays));
  // Whoever reports in person does so today, whatever day the report bears; what the school keys in
  // was said on that day.
  const LocalDate acts_on = context.IsTranscribed() ? reported_on : context.today();
  const bool reports =
      stay.tutor.EverHeld(tutor) && (succeeded_on == 0 || acts_on <= AddDays(succeeded_on, grace));
  refusals.Unless(reports, Reason::TUTOR_NOT_ASSIGNED, DateText(acts_on));
}

Decision Decide(const feedback::v1::SubmitTutorReport& command, const Context& context,
                State& state) {
  const auto [student, stay] = FindStay(context, state, command.stay_id());
  if (stay == nullptr) return Refuse(Reason::NOT_FOUND, SubjectOf(command.stay_id()));
  const Policy policy(*state.School(), context.today());
  const LocalDate reported_on = context.OrToday(command.reported_on());
  Refusals refusals;
  CheckVersion(context, stay->version, stay->scheduled, refusals);
  CheckOnBehalfOfCompany(context, state, stay->company_id, reported_on, true, refusals);
  CheckFactDate(context, *state.School(), reported_on, "command.reported_on", refusals);
  if (stay->started_on == 0 || reported_on < stay->started_on) {
    refusals.Add(Reason::STAY_NOT_STARTED, SubjectOf(stay->id), {stay->scheduled, stay->started});
  }
  if (context.IsActOfCompany()) CheckReporter(context, *stay, policy, reported_on, refusals);
  for (const std::string& objective : command.not_observed()) {
    refusals.Unless(stay->plan->IndexOfObjective(objective).has_value(),
                    Reason::NOT_AN_OBJECTIVE_OF_THE_SEQUENCE, objective);
  }
  if (command.kind() == type::v1::TUTOR_REPORT_KIND_FINAL) {
    CheckComplete(command, *stay, refusals);
  }
  if (refusals) return Refuse(std::move(refusals));

  event::v1::TutorReportSubmitted submitted;
  submitted.set_kind(command.kind());
  *submitted.mutable_not_observed() = command.not_observed();
  if (command.words().has_sealed()) *submitted.mutable_words() = command.words().sealed();
  EventList events(context, state);
  events.Add(AggregateOf(*stay), submitted, AboutStay(*stay, reported_on));
  return events;
}

// R23: an attitude is noted in words and refers to no module.
Decision Decide(const feedback::v1::ObserveAttitude& command, const Context& context,
                State& state) {
  const auto [student, stay] = FindStay(context, state, command.stay_id());
  if (stay == nullptr) return Refuse(Reason::NOT_FOUND, SubjectOf(command.stay_id()));
  const Policy policy(*state.School(), context.today());
  const LocalDate observed_on = command.observed_on();
  Refusals refusals;
  CheckVersion(context, stay->version, stay->scheduled, refusals);
  CheckOnBehalfOfCompany(context, state, stay->company_id, observed_on, false, refusals);
  CheckFactDate(context, *state.School(), observed_on, "command.observed_on", refusals);
  CheckOpenForFacts(*stay, policy, context.today(), refusals);
  CheckInStay(*stay, observed_on, "command.observed_on", refusals);
  CheckTutorOn(context, *stay, policy, observed_on, "command.observed_on", refusals);
  if (refusals) return Refuse(std::move(refusals));

  event::v1::AttitudeObserved observed;
  observed.set_observation_number(stay->observation_count + 1);
  *observed.mutable_words() = command.words().sealed();
  EventList events(context, state);
  events.Add(AggregateOf(*stay), observed, AboutStay(*stay, observed_on));
  return events;
}

}  // namespace

void RegisterFeedback(Commands& commands) {
  const CommandTraits keyed_in{.keyed_in_for = CommandTraits::KeyedInFor::kCompany};
  commands.Add<feedback::v1::ReportFormativeEstimate>(Decide, keyed_in);
  commands.Add<feedback::v1::SubmitTutorReport>(Decide, keyed_in);
  commands.Add<feedback::v1::ObserveAttitude>(Decide, keyed_in);
}

}  // namespace jalon::domain
