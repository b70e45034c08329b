// FollowUpService: what the school makes up (R14) and follows up (R23), in school.
#include "jalon/event/v1/followup_events.pb.h"
#include "jalon/followup/v1/follow_up_service.pb.h"
#include "services/domain/decide/stays.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

// The open make-up of the row, or null with MAKEUP_NOT_OPEN or NOT_FOUND.
struct OpenMakeUp {
  const Stay* stay = nullptr;
  const MakeUp* make_up = nullptr;
};
OpenMakeUp FindOpen(const auto& row, const Context& context, State& state, Refusals& refusals) {
  const FoundStay found = FindStay(context, state, row.stay_id());
  if (found.stay == nullptr) {
    refusals.Add(Reason::NOT_FOUND, SubjectOf(row.stay_id()));
    return {};
  }
  const PlannedActivity* activity = found.stay->plan->Find(row.activity());
  if (activity != nullptr && !SeesMakeUp(context, state, *found.stay, *activity)) {
    refusals.Add(Reason::NOT_FOUND, SubjectOf(row.stay_id(), row.activity()));
    return {};
  }
  const MakeUp* make_up = found.stay->FindMakeUp(row.activity());
  if (make_up == nullptr || !make_up->IsOpen()) {
    refusals.Add(Reason::MAKEUP_NOT_OPEN, SubjectOf(row.stay_id(), row.activity()),
                 {make_up == nullptr ? FactRef{} : make_up->latest});
    return {.stay = found.stay};
  }
  CheckVersion(context, make_up->version, make_up->latest, refusals);
  return {.stay = found.stay, .make_up = make_up};
}

// R14: the school provides for the make-up, in school: its owner is staff and its place the school.
void CheckInSchool(const followup::v1::PlanMakeUp& command, const Context& context, State& state,
                   Refusals& refusals) {
  if (command.place() != type::v1::PLACE_SCHOOL) {
    refusals.Add({.reason = Reason::MAKEUP_IS_IN_SCHOOL,
                  .subjects = {"command.place"},
                  .cause = {},
                  .facts = {},
                  .rule = {}});
  }
  const PersonState* owner = state.Person(command.owner_id());
  if (owner == nullptr || !owner->IsStaff(context.today())) {
    refusals.Add({.reason = Reason::MAKEUP_IS_IN_SCHOOL,
                  .subjects = {SubjectOf(command.owner_id())},
                  .cause = "OWNER_IS_NOT_STAFF",
                  .facts = {},
                  .rule = {}});
  }
}

// One session may serve several students and activities.
Decision Decide(const followup::v1::PlanMakeUp& command, const Context& context, State& state) {
  if (context.principal().IsCompany()) return Refuse(Reason::MAKEUP_IS_SCHOOL_ONLY);
  const LocalDate planned_on = context.OrToday(command.planned_on());
  Refusals common;
  CheckFactDate(context, *state.School(), planned_on, "command.planned_on", common);
  CheckInSchool(command, context, state, common);
  common.If(command.due_on() < planned_on, Reason::DATES_INVERTED, "command.due_on");
  const Bytes session_id =
      command.session_id().empty() ? context.NewId("session") : command.session_id();
  SeenRows seen;
  return DecideRows(command.rows(), context, state, RowsAre::kIndependent,
                    [&](const followup::v1::MakeUpRef& row, Refusals& refusals, EventList& events) {
                      refusals.Merge(common);
                      seen.Check(row.stay_id() + row.activity(),
                                 SubjectOf(row.stay_id(), row.activity()), refusals);
                      const OpenMakeUp open = FindOpen(row, context, state, refusals);
                      if (refusals) return;

                      event::v1::MakeUpPlanned planned;
                      planned.set_owner_id(command.owner_id());
                      planned.set_due_on(command.due_on());
                      planned.set_session_id(session_id);
                      events.Add(AggregateOfMakeUp(*open.stay, row.activity(), open.make_up),
                                 planned, AboutStay(*open.stay, planned_on));
                    });
}

void AddCompletion(const followup::v1::DoneAtSchool& done, const std::string& activity,
                   const OpenMakeUp& open, EventList& events) {
  event::v1::MakeUpCompleted completed;
  completed.set_session_id(done.session_id().empty() ? open.make_up->session_id
                                                     : done.session_id());
  events.Add(AggregateOfMakeUp(*open.stay, activity, open.make_up), completed,
             AboutStay(*open.stay, done.done_on()));
}

void AddRecognition(const followup::v1::AchievedOtherwise& achieved,
                    const followup::v1::CompleteMakeUpRow& row, const OpenMakeUp& open,
                    EventList& events) {
  event::v1::MakeUpDischarged discharged;
  discharged.set_cause(type::v1::DISCHARGE_CAUSE_ACHIEVED_OTHERWISE);
  discharged.set_evidence_ref(achieved.evidence_ref());
  *discharged.mutable_reason() = row.reason().sealed();
  events.Add(AggregateOfMakeUp(*open.stay, row.activity(), open.make_up), discharged,
             AboutStay(*open.stay, achieved.achieved_on()));
}

Decision Decide(const followup::v1::CompleteMakeUp& command, const Context& context, State& state) {
  if (context.principal().IsCompany()) return Refuse(Reason::MAKEUP_IS_SCHOOL_ONLY);
  Refusals common;
  common.Unless(command.has_done_at_school() || command.has_achieved_otherwise(),
                Reason::FIELD_REQUIRED, "command.how");
  if (command.has_done_at_school()) {
    CheckFactDate(context, *state.School(), command.done_at_school().done_on(), "command.done_on",
                  common);
  } else if (command.has_achieved_otherwise()) {
    CheckFactDate(context, *state.School(), command.achieved_otherwise().achieved_on(),
                  "command.achieved_on", common);
  }
  SeenRows seen;
  return DecideRows(
      command.rows(), context, state, RowsAre::kIndependent,
      [&](const followup::v1::CompleteMakeUpRow& row, Refusals& refusals, EventList& events) {
        refusals.Merge(common);
        seen.Check(row.stay_id() + row.activity(), SubjectOf(row.stay_id(), row.activity()),
                   refusals);
        const OpenMakeUp open = FindOpen(row, context, state, refusals);
        if (command.has_achieved_otherwise() && !row.reason().has_sealed()) {
          refusals.Add({.reason = Reason::REASON_REQUIRED,
                        .subjects = {"reason"},
                        .cause = {},
                        .facts = {},
                        .rule = "R14"});
        }
        if (refusals) return;

        if (command.has_done_at_school()) {
          AddCompletion(command.done_at_school(), row.activity(), open, events);
        } else {
          AddRecognition(command.achieved_otherwise(), row, open, events);
        }
      });
}

// R23: what was observed at work is followed up in school.
Decision Decide(const followup::v1::RecordFollowUp& command, const Context& context, State& state) {
  const auto [student, stay] = FindStay(context, state, command.stay_id());
  if (stay == nullptr) return Refuse(Reason::NOT_FOUND, SubjectOf(command.stay_id()));
  Refusals refusals;
  CheckVersion(context, stay->version, stay->scheduled, refusals);
  CheckFactDate(context, *state.School(), command.held_on(), "command.held_on", refusals);
  refusals.Unless(command.place() == type::v1::PLACE_SCHOOL, Reason::FOLLOW_UP_IS_IN_SCHOOL,
                  "command.place");
  std::set<uint32_t> named;
  for (const uint32_t number : command.observation_numbers()) {
    const bool open =
        std::ranges::find(stay->open_observations, number) != stay->open_observations.end();
    refusals.Unless(open && named.insert(number).second, Reason::OBSERVATION_UNKNOWN,
                    std::to_string(number));
  }
  if (refusals) return Refuse(std::move(refusals));

  event::v1::FollowUpRecorded recorded;
  *recorded.mutable_observation_numbers() = command.observation_numbers();
  *recorded.mutable_words() = command.words().sealed();
  EventList events(context, state);
  events.Add(AggregateOf(*stay), recorded, AboutStay(*stay, command.held_on()));
  return events;
}

}  // namespace

void RegisterFollowUp(Commands& commands) {
  commands.Add<followup::v1::PlanMakeUp>(Decide);
  commands.Add<followup::v1::CompleteMakeUp>(Decide);
  commands.Add<followup::v1::RecordFollowUp>(Decide);
}

}  // namespace jalon::domain
