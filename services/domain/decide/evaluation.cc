// RecordSummativeEvaluation: the school alone evaluates (R15), by the level that the programme
// requires (R16), on what was accomplished in the stays (R17), and after them (R18).
#include <algorithm>
#include <set>
#include <utility>

#include "jalon/evaluation/v1/evaluation_service.pb.h"
#include "jalon/event/v1/evaluation_events.pb.h"
#include "services/domain/decide/stay_facts.h"
#include "services/domain/decide/stays.h"
#include "services/domain/registry.h"
#include "services/domain/sequence_type.h"

namespace jalon::domain {
namespace {

using evaluation::v1::RecordSummativeEvaluation;
using Accomplished = std::set<std::pair<Bytes, std::string>>;  // stay and activity

// The stays of the enrolment that gate the module.
std::vector<const Stay*> StaysFor(const StudentState& student, const Enrolment& enrolment,
                                  std::string_view module) {
  std::vector<const Stay*> stays;
  for (const Shared<Stay>& stay : student.stays) {
    if (stay->programme_code == enrolment.programme.code && !stay->IsCancelled() &&
        RulesOf(stay->type).makes_up_and_gates && stay->plan->TouchesModule(module)) {
      stays.push_back(&*stay);
    }
  }
  return stays;
}

// The enrolments of the student in which the module is the caller's to evaluate: by what was
// granted, and by the token where it names modules.
std::vector<const Enrolment*> EnrolmentsInScope(const RecordSummativeEvaluation& command,
                                                const StudentState* student, const Context& context,
                                                State& state) {
  const auto& modules = context.principal().modules;
  const bool by_token =
      modules.empty() || std::ranges::find(modules, command.module()) != modules.end();
  if (student == nullptr || !by_token) return {};
  const Scope scope = ScopeOf(context, state);
  std::vector<const Enrolment*> enrolments;
  for (const Enrolment& enrolment : student->enrolments) {
    if (scope.Covers({.student_id = command.student_id(),
                      .programme_code = enrolment.programme.code,
                      .modules = {command.module()}})) {
      enrolments.push_back(&enrolment);
    }
  }
  return enrolments;
}

// The enrolment meant: the one named, or the only one.
const Enrolment* ChooseEnrolment(const RecordSummativeEvaluation& command,
                                 const std::vector<const Enrolment*>& enrolments,
                                 Refusals& refusals) {
  const std::string& code = command.programme_code();
  if (code.empty()) {
    refusals.If(enrolments.size() > 1, Reason::FIELD_REQUIRED, "command.programme_code");
    return refusals ? nullptr : enrolments.front();
  }
  const auto found = std::ranges::find_if(
      enrolments, [&](const Enrolment* enrolment) { return enrolment->programme.code == code; });
  refusals.If(found == enrolments.end(), Reason::NOT_FOUND, code);
  return refusals ? nullptr : *found;
}

void CheckDates(const RecordSummativeEvaluation& command, const Context& context, State& state,
                Refusals& refusals) {
  refusals.If(command.sat_to_on() < command.sat_from_on(), Reason::DATES_INVERTED,
              "command.sat_to_on");
  CheckFactDate(context, *state.School(), command.sat_to_on(), "command.sat_to_on", refusals);
}

// R15: whoever speaks for the company in a stay does not evaluate for the school; and an evaluator
// is of the school.
void CheckEvaluator(const std::vector<const Stay*>& stays, const Bytes& evaluator_id,
                    const Context& context, State& state, Refusals& refusals) {
  const PersonState* evaluator = state.Person(evaluator_id);
  const LocalDate today = context.today();
  if (evaluator_id != context.principal().person_id) {
    refusals.Unless(evaluator != nullptr && evaluator->IsStaff(today),
                    Reason::SUMMATIVE_IS_SCHOOL_ONLY, SubjectOf(evaluator_id));
  }
  // Naming another evaluator frees nobody: who records the result is held to the same.
  for (const Bytes& person_id : std::set<Bytes>{evaluator_id, context.principal().person_id}) {
    const PersonState* person = state.Person(person_id);
    for (const Stay* stay : stays) {
      const bool signs = person != nullptr &&
                         person->ActsFor(stay->company_id, type::v1::ROLE_COMPANY_SIGNATORY, today);
      if (signs || stay->tutor.EverHeld(person_id) || stay->answer.signatory_id == person_id) {
        refusals.Add(Reason::ROLE_CONFLICT, SubjectOf(person_id), {stay->scheduled});
      }
    }
  }
}

// The view's own function: what it shows is what is answered here.
void CheckEligibility(const Eligibility& eligibility, const std::string& module,
                      Refusals& refusals) {
  if (eligibility.verdict == Verdict::kEvaluated) {
    refusals.Add({.reason = Reason::MODULE_ALREADY_EVALUATED,
                  .subjects = {module},
                  .cause = {},
                  .facts = eligibility.based_on,
                  .rule = {}});
  }
  for (const Violation& reason : eligibility.reasons) refusals.Add(reason);
}

// R16: the criteria are those of the programme version pinned to the student.
void CheckCriteria(const RecordSummativeEvaluation& command, const Enrolment& enrolment,
                   State& state, Refusals& refusals) {
  const evaluation::v1::CriteriaRef& criteria = command.criteria();
  if (RefOf(criteria.programme()) != enrolment.programme) {
    refusals.Add(Reason::PERFORMANCE_LEVEL_MISMATCH, RefOf(criteria.programme()).Id(),
                 {enrolment.fact});
  }
  refusals.Unless(criteria.module() == command.module(), Reason::PERFORMANCE_LEVEL_MISMATCH,
                  criteria.module());
  const ProgrammeState* programme = state.Programme(enrolment.programme);
  const Module* module = programme == nullptr ? nullptr : programme->FindModule(command.module());
  for (const std::string& code : criteria.criteria()) {
    const bool known =
        module != nullptr && std::ranges::find(module->criteria, code) != module->criteria.end();
    refusals.Unless(known, Reason::PERFORMANCE_LEVEL_MISMATCH, code);
  }
}

// R17: the basis holds every activity accomplished for the module in a stay, wholly or partly, and
// beside these only make-ups that are completed.
void CheckBasis(const RecordSummativeEvaluation& command, const std::vector<const Stay*>& stays,
                const StudentState& student, Refusals& refusals) {
  Accomplished needed;
  for (const Stay* stay : stays) {
    for (size_t i = 0; i < stay->plan->activities.size(); ++i) {
      const PlannedActivity& activity = stay->plan->activities[i];
      if (Touches(activity.shares, command.module()) && stay->outcomes[i].Accomplished()) {
        needed.emplace(stay->id, activity.code);
      }
    }
  }
  Accomplished named;
  for (const evaluation::v1::BasisItem& item : command.basis()) {
    bool known = false;
    if (item.kind() == evaluation::v1::BASIS_KIND_STAY_ACTIVITY) {
      named.emplace(item.stay_id(), item.activity());
      known = needed.contains({item.stay_id(), item.activity()});
    } else if (const Stay* stay = student.FindStay(item.stay_id())) {
      const MakeUp* make_up = stay->FindMakeUp(item.activity());
      known = make_up != nullptr && make_up->state == type::v1::MAKE_UP_STATE_COMPLETED &&
              Touches(stay->plan->activities[make_up->activity].shares, command.module());
    }
    refusals.Unless(known, Reason::BASIS_UNKNOWN, SubjectOf(item.stay_id(), item.activity()));
  }
  if (command.result() == type::v1::EVALUATION_RESULT_ABSENT) return;
  for (const auto& [stay_id, activity] : needed) {
    if (named.contains({stay_id, activity})) continue;
    refusals.Add(Reason::STAY_ACTIVITIES_NOT_INCLUDED, SubjectOf(stay_id, activity),
                 {student.FindStay(stay_id)->FindOutcome(activity)->fact});
  }
}

event::v1::SummativeEvaluationRecorded Recorded(const RecordSummativeEvaluation& command,
                                                const StudentState& student,
                                                const Enrolment& enrolment,
                                                const Bytes& evaluator_id,
                                                const Eligibility& eligibility) {
  const ModuleRecord* record = student.FindModule(enrolment.programme.code, command.module());
  event::v1::SummativeEvaluationRecorded recorded;
  recorded.set_module(command.module());
  recorded.set_programme_code(enrolment.programme.code);
  recorded.set_attempt(record == nullptr ? 1 : record->NextNumber());
  recorded.set_result(command.result());
  recorded.set_sat_from_on(command.sat_from_on());
  recorded.set_sat_to_on(command.sat_to_on());
  *recorded.mutable_criteria() = command.criteria();
  *recorded.mutable_basis() = command.basis();
  recorded.set_policy_version(eligibility.policy_version);
  for (const FactRef& fact : eligibility.based_on) {
    const int count = recorded.based_on_seqs_size();
    if (count == 0 || recorded.based_on_seqs(count - 1) != fact.seq) {
      recorded.add_based_on_seqs(fact.seq);
    }
  }
  recorded.set_evaluator_id(evaluator_id);
  if (command.remarks().has_sealed()) *recorded.mutable_remarks() = command.remarks().sealed();
  return recorded;
}

Decision Decide(const RecordSummativeEvaluation& command, const Context& context, State& state) {
  // R15, alone: nothing else is disclosed.
  if (context.principal().IsCompany()) return Refuse(Reason::SUMMATIVE_IS_SCHOOL_ONLY);
  const StudentState* student = state.Student(command.student_id());
  const std::vector<const Enrolment*> enrolments =
      EnrolmentsInScope(command, student, context, state);
  if (enrolments.empty()) return Refuse(Reason::NOT_FOUND, SubjectOf(command.student_id()));
  Refusals refusals;
  const Enrolment* enrolment = ChooseEnrolment(command, enrolments, refusals);
  if (enrolment == nullptr) return Refuse(std::move(refusals));

  const std::vector<const Stay*> stays = StaysFor(*student, *enrolment, command.module());
  const Bytes& evaluator_id =
      command.evaluator_id().empty() ? context.principal().person_id : command.evaluator_id();
  const Policy policy(*state.School(), command.sat_from_on());
  const EligibilityFacts facts = EligibilityFactsOf(*student, *enrolment, state);
  const Eligibility eligibility = SummativeEligibility(
      facts, command.module(), command.sat_from_on(), EligibilityPolicyOf(policy));
  const Aggregate record = AggregateOfModule(*student, command.student_id(), command.module());

  CheckVersion(context, record.version, {}, refusals);
  CheckDates(command, context, state, refusals);
  CheckEvaluator(stays, evaluator_id, context, state, refusals);
  CheckEligibility(eligibility, command.module(), refusals);
  CheckCriteria(command, *enrolment, state, refusals);
  CheckBasis(command, stays, *student, refusals);
  if (refusals) return Refuse(std::move(refusals));

  EventList events(context, state);
  events.Add(record, Recorded(command, *student, *enrolment, evaluator_id, eligibility),
             {.occurred_on = command.sat_to_on(), .subject = command.student_id()});
  return events;
}

}  // namespace

void RegisterEvaluation(Commands& commands) {
  commands.Add<evaluation::v1::RecordSummativeEvaluation>(Decide);
}

}  // namespace jalon::domain
