// LogHours: hours are facts, recorded and flagged, never refused for being many (R3).
// GrantAdditionalHours: the school alone adds a few, without changing the intent (R4).
#include <algorithm>

#include "jalon/event/v1/stay_events.pb.h"
#include "jalon/stay/v1/stay_service.pb.h"
#include "services/domain/decide/stays.h"
#include "services/domain/hours.h"
#include "services/domain/registry.h"

namespace jalon::domain {
namespace {

constexpr uint32_t kMinutesOfADay = 24 * 60;

// One day, to log or to confirm.
void CheckDay(const stay::v1::DayHours& day, const Stay& stay, const Policy& policy,
              const Context& context, const SchoolState& school, Refusals& refusals) {
  const std::string subject = DateText(day.worked_on());
  CheckFactDate(context, school, day.worked_on(), subject, refusals);
  CheckInStay(stay, day.worked_on(), subject, refusals);
  CheckTutorOn(context, stay, policy, day.worked_on(), subject, refusals);
  refusals.If(day.minutes() > kMinutesOfADay, Reason::HOURS_IMPOSSIBLE, subject);
}

// A day is logged once and confirmed once.
void CheckDays(const stay::v1::LogHours& command, const Stay& stay, const Policy& policy,
               const Context& context, const SchoolState& school, Refusals& refusals) {
  std::set<LocalDate> logged;
  for (const stay::v1::DayHours& day : command.days()) {
    CheckDay(day, stay, policy, context, school, refusals);
    const LoggedDay* known = stay.FindDay(day.worked_on());
    refusals.If(!logged.insert(day.worked_on()).second || (known != nullptr && known->logged != 0),
                Reason::DUPLICATE_DAY, DateText(day.worked_on()));
  }
  std::set<LocalDate> confirmed;
  for (const stay::v1::DayHours& day : command.confirmed_days()) {
    CheckDay(day, stay, policy, context, school, refusals);
    const LoggedDay* known = stay.FindDay(day.worked_on());
    refusals.If(
        !confirmed.insert(day.worked_on()).second || (known != nullptr && known->confirmed != 0),
        Reason::DUPLICATE_DAY, DateText(day.worked_on()));
  }
}

Decision Decide(const stay::v1::LogHours& command, const Context& context, State& state) {
  const auto [student, stay] = FindStay(context, state, command.stay_id());
  if (stay == nullptr) return Refuse(Reason::NOT_FOUND, SubjectOf(command.stay_id()));
  const SchoolState& school = *state.School();
  const Policy policy(school, context.today());
  Refusals refusals;
  CheckVersion(context, stay->version, stay->scheduled, refusals);
  CheckOnBehalfOfCompany(context, state, stay->company_id, context.today(), false, refusals);
  refusals.If(command.days().empty() && command.confirmed_days().empty(), Reason::FIELD_REQUIRED,
              "command.days");
  refusals.If(
      context.principal().role == type::v1::ROLE_STUDENT && !command.confirmed_days().empty(),
      Reason::ROLE_NOT_ALLOWED, "command.confirmed_days");
  refusals.Unless(IsOpenForFacts(*stay, policy, context.today()), Reason::STAY_NOT_STARTED,
                  SubjectOf(stay->id));
  CheckDays(command, *stay, policy, context, school, refusals);
  if (refusals) return Refuse(std::move(refusals));

  EventList events(context, state);
  uint32_t logged_minutes = stay->logged_minutes;
  LocalDate last = 0;
  for (const stay::v1::DayHours& day : command.days()) {
    event::v1::HoursLogged logged;
    logged.set_minutes(day.minutes());
    events.Add(AggregateOf(*stay), logged, AboutStay(*stay, day.worked_on()));
    logged_minutes += day.minutes();
    last = std::max(last, day.worked_on());
  }
  for (const stay::v1::DayHours& day : command.confirmed_days()) {
    event::v1::HoursConfirmed confirmed;
    confirmed.set_minutes(day.minutes());
    events.Add(AggregateOf(*stay), confirmed, AboutStay(*stay, day.worked_on()));
  }
  if (logged_minutes > stay->AllowedMinutes()) {
    if (!stay->IsOverrun()) {  // it comes to be over now: said once, until hours are added
      event::v1::HoursOverrun overrun;
      overrun.set_planned_minutes(stay->AllowedMinutes());
      overrun.set_logged_minutes(logged_minutes);
      events.Add(AggregateOf(*stay), overrun, SystemAboutStay(*stay, last));
    }
    if (!command.days().empty()) events.Warn(Reason::HOURS_OVERRUN, SubjectOf(stay->id));
  }
  return events;
}

// R4: what is added is for objectives and activities of the plan. The modules that these touch,
// each with its planned minutes in the stay.
std::vector<ModuleMinutes> TouchedModules(const stay::v1::GrantAdditionalHours& command,
                                          const Stay& stay, const SequenceVersion* sequence,
                                          Refusals& refusals) {
  std::vector<std::string_view> touched;
  const auto touch = [&](std::string_view module) {
    if (std::ranges::find(touched, module) == touched.end()) touched.push_back(module);
  };
  for (const std::string& code : command.activities()) {
    const PlannedActivity* activity = stay.plan->Find(code);
    refusals.If(activity == nullptr, Reason::INTENT_CHANGED, code);
    if (activity == nullptr) continue;
    for (const ModuleMinutes& share : activity->shares) touch(share.module);
  }
  for (const std::string& code : command.objectives()) {
    const SequenceObjective* objective =
        sequence == nullptr ? nullptr : sequence->FindObjective(code);
    const bool planned = objective != nullptr && stay.plan->IndexOfObjective(code).has_value();
    refusals.Unless(planned, Reason::INTENT_CHANGED, code);
    if (planned) touch(objective->module);
  }
  refusals.If(command.activities().empty() && command.objectives().empty(), Reason::INTENT_CHANGED,
              "command.objectives");
  std::vector<ModuleMinutes> modules;
  for (const std::string_view module : touched) {
    uint32_t planned = 0;
    for (const PlannedActivity& activity : stay.plan->activities) {
      planned += MinutesOf(activity.shares, module);
    }
    modules.push_back({.module = std::string(module), .minutes = planned});
  }
  return modules;
}

// All that is added to one stay stays under a part of the hours of the modules that it touches, and
// under a number of hours.
uint64_t CapMinutes(const Stay& stay, const std::vector<ModuleMinutes>& touched,
                    const ProgrammeState& programme, const Policy& policy) {
  uint64_t allotted = 0;
  for (const Module& module : programme.modules) {
    if (Touches(touched, module.code) || Touches(stay.added, module.code)) {
      allotted += module.allotted_minutes;
    }
  }
  return std::min(allotted * policy.Number(PolicyKey::kAdditionalPercent) / 100,
                  policy.Number(PolicyKey::kAdditionalHours) * 60);
}

Decision Decide(const stay::v1::GrantAdditionalHours& command, const Context& context,
                State& state) {
  // The door denies company roles by the same reason; a rule is not left to a door alone.
  if (context.principal().IsCompany()) return Refuse(Reason::HOURS_ARE_SCHOOL_ONLY);
  const auto [student, stay] = FindStay(context, state, command.stay_id());
  if (stay == nullptr) return Refuse(Reason::NOT_FOUND, SubjectOf(command.stay_id()));
  const LocalDate granted_on = context.OrToday(command.granted_on());
  const Policy policy(*state.School(), context.today());
  Refusals refusals;
  CheckVersion(context, stay->version, stay->scheduled, refusals);
  CheckFactDate(context, *state.School(), granted_on, "command.granted_on", refusals);
  refusals.If(stay->IsCancelled(), Reason::STAY_CLOSED, SubjectOf(stay->id));
  if (!command.reason().has_sealed()) {
    refusals.Add({.reason = Reason::REASON_REQUIRED,
                  .subjects = {"command.reason"},
                  .cause = {},
                  .facts = {},
                  .rule = "R4"});
  }
  const SequenceState* sequence = state.Sequence(stay->sequence_id);
  const std::vector<ModuleMinutes> touched = TouchedModules(
      command, *stay, sequence == nullptr ? nullptr : sequence->FindVersion(stay->sequence_version),
      refusals);
  const Enrolment& enrolment = *student->FindEnrolment(stay->programme_code);
  const uint64_t cap = CapMinutes(*stay, touched, *state.Programme(enrolment.programme), policy);
  if (!touched.empty() && stay->AddedMinutes() + uint64_t{command.minutes()} > cap) {
    refusals.Add(
        Reason::ADDITIONAL_HOURS_CAP, SubjectOf(stay->id),
        {policy.Fact(PolicyKey::kAdditionalPercent), policy.Fact(PolicyKey::kAdditionalHours)});
  }
  if (refusals) return Refuse(std::move(refusals));

  event::v1::AdditionalHoursGranted granted;
  granted.set_minutes(command.minutes());
  for (const ModuleMinutes& share : ShareOut(command.minutes(), touched)) {
    type::v1::ModuleMinutes& minutes = *granted.add_shares();
    minutes.set_module(share.module);
    minutes.set_minutes(share.minutes);
  }
  *granted.mutable_objectives() = command.objectives();
  *granted.mutable_activities() = command.activities();
  *granted.mutable_reason() = command.reason().sealed();
  EventList events(context, state);
  events.Add(AggregateOf(*stay), granted, AboutStay(*stay, granted_on));
  return events;
}

}  // namespace

void RegisterStayHours(Commands& commands) {
  commands.Add<stay::v1::LogHours>(Decide, {.keyed_in_for = CommandTraits::KeyedInFor::kCompany});
  commands.Add<stay::v1::GrantAdditionalHours>(Decide);
}

}  // namespace jalon::domain
