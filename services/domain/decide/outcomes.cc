// RecordActivityOutcomes: what became of each planned activity (R5). Said after the end, it mends
// what was presumed; done in a later stay, it discharges the earlier make-up (R14).
#include <algorithm>

#include "jalon/event/v1/evaluation_events.pb.h"
#include "jalon/event/v1/feedback_events.pb.h"
#include "jalon/event/v1/followup_events.pb.h"
#include "jalon/feedback/v1/feedback_service.pb.h"
#include "services/domain/decide/stays.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

using feedback::v1::ActivityOutcome;

// While the stay runs, all but a completed activity may be said anew; after its end only what was
// presumed, or is not known.
bool MayBeSaid(const Stay& stay, const Outcome& known) {
  if (known.kind == type::v1::OUTCOME_KIND_UNSPECIFIED) return true;
  if (stay.IsEnded()) return known.Presumed();
  return known.kind != type::v1::OUTCOME_KIND_COMPLETED;
}

void CheckOutcome(const ActivityOutcome& outcome, const Stay& stay, const Policy& policy,
                  const Context& context, const SchoolState& school, Refusals& refusals) {
  const std::string& activity = outcome.activity();
  CheckFactDate(context, school, outcome.performed_on(), activity, refusals);
  CheckInStay(stay, outcome.performed_on(), activity, refusals);
  CheckTutorOn(context, stay, policy, outcome.performed_on(), activity, refusals);
  refusals.If(outcome.cause() == type::v1::OUTCOME_CAUSE_PRESUMED, Reason::FIELD_INVALID,
              activity);  // the school alone presumes, at the end of the stay
  refusals.If(outcome.outcome() == type::v1::OUTCOME_KIND_NOT_PERFORMED &&
                  outcome.cause() == type::v1::OUTCOME_CAUSE_UNSPECIFIED,
              Reason::REASON_REQUIRED, activity);
  const Outcome* known = stay.FindOutcome(activity);
  if (known == nullptr) {
    refusals.Add(Reason::ACTIVITY_NOT_IN_PLAN, activity, {stay.scheduled});
  } else if (!MayBeSaid(stay, *known)) {
    refusals.Add(Reason::ACTIVITY_ALREADY_ACCOUNTED, activity, {known->fact});
  }
}

template <typename Message>
void AddOutcome(const ActivityOutcome& outcome, const Stay& stay, EventList& events) {
  Message message;
  message.set_activity(outcome.activity());
  if (outcome.remarks().has_sealed()) *message.mutable_remarks() = outcome.remarks().sealed();
  if constexpr (requires { message.set_cause(outcome.cause()); }) {
    message.set_cause(outcome.cause());
  }
  events.Add(AggregateOf(stay), message, AboutStay(stay, outcome.performed_on()));
}

void AddDischarge(const Stay& stay, const MakeUp& make_up, type::v1::DischargeCause cause,
                  std::string_view performed_in, LocalDate performed_on, EventList& events) {
  event::v1::MakeUpDischarged discharged;
  discharged.set_cause(cause);
  discharged.set_performed_in_stay_id(std::string(performed_in));
  events.Add(AggregateOfMakeUp(stay, stay.plan->activities[make_up.activity].code, &make_up),
             discharged, SystemAboutStay(stay, performed_on));
}

// R14: what was performed is owed no more, in this stay or in an earlier one of the same sequence.
void DischargeMakeUps(const ActivityOutcome& outcome, const Stay& stay, const StudentState& student,
                      EventList& events) {
  if (outcome.outcome() != type::v1::OUTCOME_KIND_COMPLETED) return;
  for (const Shared<Stay>& other : student.stays) {
    const bool this_one = other->id == stay.id;
    const bool earlier =
        other->sequence_id == stay.sequence_id && !this_one && other->started_on <= stay.started_on;
    const MakeUp* make_up = other->FindMakeUp(outcome.activity());
    if (!(this_one || earlier) || make_up == nullptr || !make_up->IsOpen()) continue;
    AddDischarge(*other, *make_up,
                 this_one ? type::v1::DISCHARGE_CAUSE_PERFORMED_AFTER_ALL
                          : type::v1::DISCHARGE_CAUSE_PERFORMED_IN_ANOTHER_STAY,
                 this_one ? std::string_view() : std::string_view(stay.id), outcome.performed_on(),
                 events);
  }
}

// The evaluation that was recorded after the end of the stay rests on what was presumed then: a
// teacher reviews it. The result stands meanwhile.
void RaiseReviews(const ActivityOutcome& outcome, const Stay& stay, const StudentState& student,
                  EventList& events) {
  if (!stay.IsEnded() || outcome.outcome() == type::v1::OUTCOME_KIND_NOT_PERFORMED) return;
  for (const ModuleMinutes& share : stay.plan->Find(outcome.activity())->shares) {
    const ModuleRecord* record = student.FindModule(stay.programme_code, share.module);
    const Attempt* attempt = record == nullptr ? nullptr : record->InForce();
    if (attempt == nullptr || attempt->recorded.seq < stay.ended.seq) continue;
    event::v1::EvaluationReviewRaised review;
    review.set_module(share.module);
    review.set_attempt(attempt->number);
    review.set_cause(event::v1::REVIEW_CAUSE_LATE_OUTCOME);
    review.set_stay_id(stay.id);
    review.set_activity(outcome.activity());
    review.set_programme_code(stay.programme_code);
    events.Add(AggregateOfModule(student, StudentOf(stay.id), share.module), review,
               SystemAboutStay(stay, outcome.performed_on()));
  }
}

Decision Decide(const feedback::v1::RecordActivityOutcomes& command, const Context& context,
                State& state) {
  const auto [student, stay] = FindStay(context, state, command.stay_id());
  if (stay == nullptr) return Refuse(Reason::NOT_FOUND, SubjectOf(command.stay_id()));
  const SchoolState& school = *state.School();
  const Policy policy(school, context.today());
  Refusals refusals;
  CheckVersion(context, stay->version, stay->scheduled, refusals);
  CheckOnBehalfOfCompany(context, state, stay->company_id, context.today(), false, refusals);
  CheckOpenForFacts(*stay, policy, context.today(), refusals);
  SeenRows seen;
  for (const ActivityOutcome& outcome : command.outcomes()) {
    seen.Check(outcome.activity(), outcome.activity(), refusals);
    CheckOutcome(outcome, *stay, policy, context, school, refusals);
  }
  if (refusals) return Refuse(std::move(refusals));

  EventList events(context, state);
  for (const ActivityOutcome& outcome : command.outcomes()) {
    if (outcome.outcome() == type::v1::OUTCOME_KIND_COMPLETED) {
      AddOutcome<event::v1::ActivityCompleted>(outcome, *stay, events);
    } else if (outcome.outcome() == type::v1::OUTCOME_KIND_PARTLY) {
      AddOutcome<event::v1::ActivityPartlyPerformed>(outcome, *stay, events);
    } else {
      AddOutcome<event::v1::ActivityNotPerformed>(outcome, *stay, events);
    }
    DischargeMakeUps(outcome, *stay, *student, events);
    RaiseReviews(outcome, *stay, *student, events);
  }
  return events;
}

}  // namespace

void RegisterOutcomes(Commands& commands) {
  commands.Add<feedback::v1::RecordActivityOutcomes>(
      Decide, {.keyed_in_for = CommandTraits::KeyedInFor::kCompany});
}

}  // namespace jalon::domain
