// ScheduleStays: stays within the allotted hours (R3), the prescribed ones within the total (R8),
// and the companies' hosting capacity (R10). Each row is decided on what those before it leave.
#include <fmt/format.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "jalon/event/v1/placement_events.pb.h"
#include "jalon/placement/v1/placement_service.pb.h"
#include "services/domain/checks.h"
#include "services/domain/decide/stays.h"
#include "services/domain/hours.h"
#include "services/domain/registry.h"
#include "services/domain/sequence_type.h"
#include "services/domain/subject.h"

namespace jalon::domain {
namespace {

using placement::v1::ScheduleStaysRow;

// What a row names, once found.
struct Scheduling {
  const ScheduleStaysRow& row;
  const StudentState& student;
  const Enrolment& enrolment;
  const Assignment& assignment;
  const SequenceVersion& sequence;
  const ProgrammeState& programme;
  const CompanyState& company;
};

using Plan = std::vector<PlannedActivity>;

Plan WholePlanOf(const SequenceVersion& sequence) {
  Plan plan;
  for (const SequenceActivity& activity : sequence.activities) {
    plan.push_back(PlanActivity(sequence, activity, activity.planned_minutes));
  }
  return plan;
}

// Of a row that says what to plan.
Plan PlanOf(const ScheduleStaysRow& row, const SequenceVersion& sequence, Refusals& refusals) {
  Plan plan;
  for (const placement::v1::ActivityToPlan& wanted : row.activities()) {
    // R6: the school imposes the activities: those of the version assigned, and no others.
    const SequenceActivity* activity = sequence.FindActivity(wanted.activity());
    if (activity == nullptr) {
      refusals.Add(Reason::ACTIVITY_NOT_IN_SEQUENCE, wanted.activity(), {sequence.published});
      continue;
    }
    refusals.If(std::ranges::find(plan, wanted.activity(), &PlannedActivity::code) != plan.end(),
                Reason::DUPLICATE_ROW, wanted.activity());
    plan.push_back(PlanActivity(
        sequence, *activity,
        wanted.planned_minutes() == 0 ? activity->planned_minutes : wanted.planned_minutes()));
  }
  return plan;
}

bool TouchesModule(const Plan& plan, std::string_view module) {
  return std::ranges::any_of(plan, [&](const auto& a) { return Touches(a.shares, module); });
}

// "165_H" or "16_H_30": how many hours a pool allows.
std::string HoursCause(std::string_view pool, uint64_t minutes) {
  std::string cause = fmt::format("{}_ALLOWS_{}_H", pool, minutes / 60);
  if (minutes % 60 != 0) cause += fmt::format("_{:02}", minutes % 60);
  return cause;
}

// R3: over the hours of the modules that bind the student together, or of the programme, a plan is
// refused; over one module it is warned about, or refused by policy.
void CheckHours(const Scheduling& at, const Plan& plan, const Policy& policy, Refusals& refusals,
                Refusals& warnings) {
  if (!RulesOf(at.sequence.type).inside_allotted_hours) return;
  HoursTaken taken = HoursTakenBy(at.student, at.enrolment.programme.code);
  taken.Plan(plan);
  // Of a target from which the student is released, no hours are to be had.
  const std::vector<std::string_view> targets(at.assignment.modules.begin(),
                                              at.assignment.modules.end());

  const HoursPool pool = PoolOf(at.programme, taken, targets);
  if (pool.IsExceeded()) {
    refusals.Add({.reason = Reason::ALLOTTED_HOURS_EXCEEDED,
                  .subjects = {targets.begin(), targets.end()},
                  .cause = HoursCause("MODULES", pool.allowed),
                  .facts = {at.programme.adopted},
                  .rule = {}});
  }
  const HoursPool whole = PoolOf(at.programme, taken);
  if (whole.IsExceeded()) {
    refusals.Add({.reason = Reason::ALLOTTED_HOURS_EXCEEDED,
                  .subjects = {at.programme.ref.code},
                  .cause = HoursCause("PROGRAMME", whole.allowed),
                  .facts = {at.programme.adopted},
                  .rule = {}});
  }
  for (const std::string_view target : targets) {
    if (!TouchesModule(plan, target) || !PoolOf(at.programme, taken, {target}).IsExceeded()) {
      continue;
    }
    Violation over{.reason = Reason::MODULE_HOURS_EXCEEDED,
                   .subjects = {std::string(target)},
                   .cause = {},
                   .facts = {policy.Fact(PolicyKey::kModuleHoursGate)},
                   .rule = {}};
    if (policy.Is(PolicyKey::kModuleHoursGate, "REFUSE")) {
      refusals.Add(std::move(over));
    } else {
      warnings.Add(std::move(over));
    }
  }
}

// R8: prescribed hours are part of the plan, on modules that the programme marks so.
void CheckPrescribed(const Scheduling& at, const Plan& plan, Refusals& refusals) {
  std::set<std::string> modules;
  for (const placement::v1::PrescribedHours& prescribed : at.row.prescribed()) {
    // Named twice, its hours would be counted twice.
    refusals.Unless(modules.insert(prescribed.module()).second, Reason::DUPLICATE_ROW,
                    prescribed.module());
    const Module* module = at.programme.FindModule(prescribed.module());
    if (module == nullptr || !module->prescribed) {
      refusals.Add(Reason::PRESCRIBED_NOT_IN_PROGRAMME, prescribed.module(),
                   {at.programme.adopted});
      continue;
    }
    uint32_t planned = 0;
    for (const PlannedActivity& activity : plan) {
      planned += MinutesOf(activity.shares, prescribed.module());
    }
    if (prescribed.planned_minutes() > planned) {
      refusals.Add({.reason = Reason::PRESCRIBED_NOT_IN_PROGRAMME,
                    .subjects = {prescribed.module()},
                    .cause = "OVER_THE_PLAN",
                    .facts = {},
                    .rule = {}});
    }
  }
}

bool CanHost(const HostingCapacity& capacity, const std::string& programme_code,
             const SequenceTarget& target) {
  if (capacity.reach.empty()) return true;  // not said
  return std::ranges::any_of(capacity.reach, [&](const HostingReach& reach) {
    return reach.programme_code == programme_code &&
           (reach.module.empty() || reach.module == target.module) &&
           (reach.mode == type::v1::DEVELOPMENT_MODE_UNSPECIFIED || reach.mode == target.mode);
  });
}

// R10: a stay over the seats is refused; beyond the reach, or with nothing declared, it is warned
// about.
void CheckCapacity(const Scheduling& at, const Plan& plan, Refusals& refusals, Refusals& warnings) {
  const std::string company = SubjectOf(at.row.company_id());
  const LocalDate full_on = at.company.FirstFullDay(at.row.starts_on(), at.row.ends_on());
  if (full_on != 0) {
    const HostingCapacity* full = at.company.CapacityOn(full_on);
    refusals.Add({.reason = Reason::HOSTING_CAPACITY_EXCEEDED,
                  .subjects = {company},
                  .cause = "FULL_ON_" + DateText(full_on),
                  .facts = {full->fact},
                  .rule = {}});
  }
  const HostingCapacity* capacity = at.company.CapacityOn(at.row.starts_on());
  if (capacity == nullptr || at.company.CapacityOn(at.row.ends_on()) == nullptr) {
    warnings.Add({.reason = Reason::CAPACITY_NOT_DECLARED,
                  .subjects = {company},
                  .cause = {},
                  .facts = {},
                  .rule = {}});
  }
  if (capacity == nullptr) return;
  if (!capacity->interested) {
    warnings.Add({.reason = Reason::BEYOND_REACH,
                  .subjects = {company},
                  .cause = "NOT_INTERESTED",
                  .facts = {capacity->fact},
                  .rule = {}});
  }
  for (const SequenceTarget& target : at.sequence.targets) {
    if (!TouchesModule(plan, target.module) ||
        CanHost(*capacity, at.enrolment.programme.code, target)) {
      continue;
    }
    warnings.Add({.reason = Reason::BEYOND_REACH,
                  .subjects = {target.module},
                  .cause = {},
                  .facts = {capacity->fact},
                  .rule = {}});
  }
}

// R18: no stay for a module that is evaluated, unless the student is released from it.
void CheckModules(const Scheduling& at, const Plan& plan, Refusals& refusals) {
  if (!RulesOf(at.sequence.type).makes_up_and_gates) return;
  for (const std::string& module : at.assignment.modules) {
    const ModuleRecord* record = at.student.FindModule(at.enrolment.programme.code, module);
    if (record == nullptr || !record->Succeeded() || !TouchesModule(plan, module)) continue;
    refusals.Add(Reason::MODULE_ALREADY_EVALUATED, module, {record->SuccessFact()});
  }
}

void WarnOfDates(const Scheduling& at, const Policy& policy, Refusals& warnings) {
  for (const Shared<Stay>& stay : at.student.stays) {
    const LocalDate last = stay->IsEnded() ? stay->ended_on : stay->ends_on;
    if (stay->IsCancelled() || last < at.row.starts_on() || at.row.ends_on() < stay->starts_on) {
      continue;
    }
    warnings.Add({.reason = Reason::STAYS_OVERLAP,
                  .subjects = {SubjectOf(stay->id)},
                  .cause = {},
                  .facts = {stay->scheduled},
                  .rule = {}});
  }
  for (const LocalDate day : {at.row.starts_on(), at.row.ends_on()}) {
    if (!policy.IsClosed(day)) continue;
    warnings.Add({.reason = Reason::PUBLIC_HOLIDAY,
                  .subjects = {DateText(day)},
                  .cause = {},
                  .facts = {policy.Fact(PolicyKey::kCalendar)},
                  .rule = {}});
  }
}

// A plan, and the event that says it: of a row by itself, or of all rows that plan the whole of one
// sequence version.
struct Planning {
  explicit Planning(Plan planned) : plan(std::move(planned)) {
    for (const PlannedActivity& each : plan) {
      type::v1::PlannedActivity& activity = *scheduled.add_activities();
      activity.set_activity(each.code);
      activity.set_planned_minutes(each.planned_minutes);
      for (const ModuleMinutes& share : each.shares) {
        type::v1::ModuleMinutes& minutes = *activity.add_shares();
        minutes.set_module(share.module);
        minutes.set_minutes(share.minutes);
      }
      for (const std::string& objective : each.objectives) activity.add_objectives(objective);
    }
    scheduled.set_plan_version(1);
  }

  // The event of that row.
  const event::v1::StayScheduled& Of(const Scheduling& at) {
    scheduled.set_sequence_id(at.row.sequence_id());
    scheduled.set_sequence_version(at.sequence.number);
    scheduled.set_type(at.sequence.type);
    scheduled.set_programme_code(at.enrolment.programme.code);
    scheduled.set_company_id(at.row.company_id());
    scheduled.set_group_id(at.row.group_id());
    scheduled.set_starts_on(at.row.starts_on());
    scheduled.set_ends_on(at.row.ends_on());
    scheduled.clear_prescribed();
    for (const placement::v1::PrescribedHours& prescribed : at.row.prescribed()) {
      type::v1::ModuleMinutes& minutes = *scheduled.add_prescribed();
      minutes.set_module(prescribed.module());
      minutes.set_minutes(prescribed.planned_minutes());
    }
    return scheduled;
  }

  const Plan plan;
  event::v1::StayScheduled scheduled;
};

// The plans of whole sequence versions, each made for the first row that wants it.
class WholePlans {
 public:
  Planning& Of(const Bytes& sequence_id, const SequenceVersion& sequence) {
    const auto [found, is_new] = plans_.try_emplace({sequence_id, sequence.number});
    if (is_new) found->second = std::make_unique<Planning>(WholePlanOf(sequence));
    return *found->second;
  }

 private:
  std::map<std::pair<Bytes, uint32_t>, std::unique_ptr<Planning>> plans_;
};

void DecideRow(const Scheduling& at, const Bytes& stay_id, const Context& context, State& state,
               WholePlans& whole_plans, Refusals& refusals, EventList& events) {
  const Policy policy(*state.School(), context.today());
  Refusals warnings;
  refusals.Unless(at.enrolment.open, Reason::ENROLMENT_CLOSED, at.enrolment.programme.code);
  refusals.If(at.row.ends_on() < at.row.starts_on(), Reason::DATES_INVERTED, "ends_on");
  std::optional<Planning> own;
  if (!at.row.activities().empty()) own.emplace(PlanOf(at.row, at.sequence, refusals));
  Planning& planning = own ? *own : whole_plans.Of(at.row.sequence_id(), at.sequence);
  const Plan& plan = planning.plan;
  CheckHours(at, plan, policy, refusals, warnings);
  CheckPrescribed(at, plan, refusals);
  CheckCapacity(at, plan, refusals, warnings);
  CheckModules(at, plan, refusals);
  if (refusals) return;

  WarnOfDates(at, policy, warnings);
  events.Add({type::v1::AGGREGATE_KIND_STAY, stay_id, 0}, planning.Of(at),
             {.subject = at.row.student_id()});
  events.Created(type::v1::AGGREGATE_KIND_STAY, stay_id);
  for (Violation& warning : warnings.Sorted()) events.Warn(std::move(warning));
}

Decision Decide(const placement::v1::ScheduleStays& command, const Context& context, State& state) {
  uint64_t row_number = 0;
  WholePlans whole_plans;
  return DecideRows(
      command.rows(), context, state, RowsAre::kInTurn,
      [&](const ScheduleStaysRow& row, Refusals& refusals, EventList& events) {
        const Bytes stay_id = row.student_id() + context.NewId("stay", row_number++);
        CheckVersion(context, 0, {}, refusals);  // a stay that comes to exist has no version yet
        const StudentState* student = state.Student(row.student_id());
        const CompanyState* company = state.Company(row.company_id());
        refusals.If(student == nullptr, Reason::NOT_FOUND, SubjectOf(row.student_id()));
        refusals.If(company == nullptr, Reason::NOT_FOUND, SubjectOf(row.company_id()));
        const Assignment* assignment =
            student == nullptr ? nullptr : student->FindAssignment(row.sequence_id());
        refusals.If(student != nullptr && assignment == nullptr, Reason::SEQUENCE_NOT_ASSIGNED,
                    SubjectOf(row.sequence_id()));
        if (refusals) return;
        // An assignment is proof that the sequence version, the enrolment and its programme exist.
        const SequenceVersion& sequence =
            *state.Sequence(row.sequence_id())->FindVersion(assignment->sequence_version);
        const Enrolment& enrolment = *student->FindEnrolment(assignment->programme_code);
        DecideRow({.row = row,
                   .student = *student,
                   .enrolment = enrolment,
                   .assignment = *assignment,
                   .sequence = sequence,
                   .programme = *state.Programme(enrolment.programme),
                   .company = *company},
                  stay_id, context, state, whole_plans, refusals, events);
      });
}

}  // namespace

void RegisterScheduleStays(Commands& commands) {
  commands.Add<placement::v1::ScheduleStays>(Decide);
}

}  // namespace jalon::domain
