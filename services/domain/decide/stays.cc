#include "services/domain/decide/stays.h"

#include <algorithm>

namespace jalon::domain {
namespace {

bool Supervises(const Principal& caller, const Stay& stay, LocalDate today) {
  return stay.supervisor.HoldsOrWill(caller.person_id, today);
}

}  // namespace

bool SeesStay(const Principal& caller, const Scope& scope, const Stay& stay, LocalDate today) {
  switch (caller.role) {
    case type::v1::ROLE_COMPANY_SIGNATORY:
      return caller.company_id == stay.company_id;
    case type::v1::ROLE_WORKPLACE_TUTOR:
      return caller.company_id == stay.company_id && stay.tutor.EverHeld(caller.person_id);
    case type::v1::ROLE_STUDENT:
      return caller.person_id == StudentOf(stay.id);
    case type::v1::ROLE_TEACHER:
      return scope.Covers(MatterOf(stay)) ||
             (!scope.IsNothing() && Supervises(caller, stay, today));
    case type::v1::ROLE_WORK_STUDY_COORDINATOR:
      return true;
    default:
      return false;
  }
}

FoundStay FindStay(const Context& context, State& state, std::string_view stay_id) {
  const StudentState* student = state.Student(StudentOf(stay_id));
  if (student == nullptr) return {};
  const Stay* stay = student->FindStay(stay_id);
  if (stay == nullptr ||
      !SeesStay(context.principal(), ScopeOf(context, state), *stay, context.today())) {
    return {};
  }
  return {.student = student, .stay = stay};
}

bool SeesMakeUp(const Context& context, State& state, const Stay& stay,
                const PlannedActivity& activity) {
  return ScopeOf(context, state).Covers(MatterOf(stay, activity)) ||
         Supervises(context.principal(), stay, context.today());
}

Aggregate AggregateOf(const Stay& stay) {
  return {type::v1::AGGREGATE_KIND_STAY, stay.id, stay.version};
}

Aggregate AggregateOfMakeUp(const Stay& stay, std::string_view activity, const MakeUp* make_up) {
  return {type::v1::AGGREGATE_KIND_MAKE_UP, Bytes(stay.id).append(activity),
          make_up == nullptr ? 0 : make_up->version};
}

Aggregate AggregateOfModule(const StudentState& student, std::string_view student_id,
                            std::string_view module) {
  uint64_t version = 0;
  for (const ModuleRecord& record : student.modules) {
    if (record.module == module) version = std::max(version, record.version);
  }
  return {type::v1::AGGREGATE_KIND_MODULE_RECORD, Bytes(student_id).append(module), version};
}

About AboutStay(const Stay& stay, LocalDate occurred_on) {
  return {.occurred_on = occurred_on,
          .subject = Bytes(StudentOf(stay.id)),
          .company_id = stay.company_id,
          .by_system = false};
}

About SystemAboutStay(const Stay& stay, LocalDate occurred_on) {
  About about = AboutStay(stay, occurred_on);
  about.by_system = true;
  return about;
}

bool HasEvaluated(const StudentState& student, std::string_view person_id) {
  return std::ranges::any_of(student.modules, [&](const ModuleRecord& record) {
    return std::ranges::find(record.attempts, person_id, &Attempt::evaluator_id) !=
           record.attempts.end();
  });
}

bool IsOpenForFacts(const Stay& stay, const Policy& policy, LocalDate today) {
  if (stay.IsStarted()) return true;
  const auto days = static_cast<int32_t>(policy.Number(PolicyKey::kLateOutcomesDays));
  return stay.IsEnded() && today <= AddDays(stay.ended_on, days);
}

void CheckOpenForFacts(const Stay& stay, const Policy& policy, LocalDate today,
                       Refusals& refusals) {
  if (IsOpenForFacts(stay, policy, today)) return;
  if (stay.IsEnded()) {
    refusals.Add(Reason::LATE_WINDOW_CLOSED, DateText(stay.ended_on),
                 {stay.ended, policy.Fact(PolicyKey::kLateOutcomesDays)});
  } else {
    refusals.Add(Reason::STAY_NOT_STARTED, SubjectOf(stay.id), {stay.scheduled});
  }
}

void CheckInStay(const Stay& stay, LocalDate date, std::string_view subject, Refusals& refusals) {
  const bool inside = stay.started_on <= date && (!stay.IsEnded() || date <= stay.ended_on);
  if (stay.started_on == 0 || inside) return;  // a stay that is not started is refused as such
  refusals.Add(Reason::DATE_OUTSIDE_STAY, std::string(subject), {stay.started, stay.ended});
}

void CheckTutorOn(const Context& context, const Stay& stay, const Policy& policy, LocalDate date,
                  std::string_view subject, Refusals& refusals) {
  if (!context.IsActOfCompany()) return;
  const Bytes& tutor = context.ActingPerson();
  bool speaks = stay.tutor.Held(tutor, date);
  const LocalDate succeeded_on = stay.tutor.SucceededOn(tutor);
  if (succeeded_on != 0 && !context.IsTranscribed()) {
    const auto grace = static_cast<int32_t>(policy.Number(PolicyKey::kTutorGraceDays));
    speaks = speaks && context.today() <= AddDays(succeeded_on, grace);
  }
  refusals.Unless(speaks, Reason::TUTOR_NOT_ASSIGNED, std::string(subject));
}

}  // namespace jalon::domain
