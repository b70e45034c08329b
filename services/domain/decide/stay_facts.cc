#include "services/domain/decide/stay_facts.h"

#include <algorithm>

namespace jalon::domain {
namespace {

// The activities of the plan that the gap touches.
std::vector<std::string> TouchedBy(const ResourceGap& gap, const TrainingPlan& plan) {
  std::vector<std::string> touched;
  for (const std::string& activity : gap.activities) {
    if (plan.Find(activity) != nullptr) touched.push_back(activity);
  }
  return touched;
}

// What the stay started without and still lacks: its deviation is open then.
bool DeviationIsOpen(const Stay& stay, State& state) {
  if (stay.start_lacked.empty()) return false;
  const Policy policy(*state.School(), stay.started_on);
  constexpr LocalDate kEver = 99991231;  // whoever held a duty on any day counts
  return !StillLacking(StartReadinessFactsOf(stay, state, policy, kEver), stay.started_on,
                       stay.start_lacked)
              .empty();
}

std::vector<EligibilityFacts::Gap> OpenGapsOf(const Stay& stay, State& state) {
  std::vector<EligibilityFacts::Gap> gaps;
  const CompanyState* company = state.Company(stay.company_id);
  if (company == nullptr) return gaps;
  for (const ResourceGap& gap : company->open_gaps) {
    if (!gap.Concerns(stay.sequence_id, stay.id)) continue;
    gaps.push_back({.activities = TouchedBy(gap, *stay.plan), .reported = gap.reported});
  }
  return gaps;
}

EligibilityFacts::Stay FactsOf(const Stay& stay, State& state) {
  EligibilityFacts::Stay facts{
      .stay_id = stay.id,
      .sequence_id = stay.sequence_id,
      .type = stay.type,
      .state = stay.state,
      .ended_on = stay.ended_on,
      .plan = {},
      .added = stay.added,
      .final_report = stay.final_report.seq != 0,
      .scheduled = stay.scheduled,
      .started = stay.started,
      .ended = stay.ended,
      .open_deviation = DeviationIsOpen(stay, state) ? stay.deviation : FactRef{},
      .overrun = stay.IsOverrun() ? stay.overrun : FactRef{},
      .open_gaps = OpenGapsOf(stay, state)};
  for (size_t i = 0; i < stay.plan->activities.size(); ++i) {
    const PlannedActivity& planned = stay.plan->activities[i];
    facts.plan.push_back({.code = planned.code,
                          .shares = planned.shares,
                          .outcome = stay.outcomes[i].kind,
                          .outcome_fact = stay.outcomes[i].fact});
  }
  return facts;
}

EligibilityFacts::MakeUp FactsOf(const MakeUp& make_up, const Stay& stay) {
  const PlannedActivity& activity = stay.plan->activities[make_up.activity];
  EligibilityFacts::MakeUp facts{.stay_id = stay.id,
                                 .sequence_id = stay.sequence_id,
                                 .activity = activity.code,
                                 .modules = {},
                                 .state = make_up.state,
                                 .completed_on = make_up.completed_on,
                                 .required = make_up.required,
                                 .latest = make_up.latest};
  for (const ModuleMinutes& share : activity.shares) facts.modules.push_back(share.module);
  return facts;
}

EligibilityFacts::PriorResult FactsOf(const ModuleRecord& record) {
  return {.module = record.module,
          .origin = record.prior.origin,
          .result = record.prior.result,
          .attempts = record.prior.attempts,
          .recorded = record.prior.recorded};
}

EligibilityFacts::Assignment FactsOf(const Assignment& assignment, State& state) {
  EligibilityFacts::Assignment facts{.sequence_id = assignment.sequence_id,
                                     .type = assignment.type,
                                     .active = true,
                                     .modules = assignment.modules,
                                     .activities = {},
                                     .assigned = assignment.assigned};
  const SequenceState* sequence = state.Sequence(assignment.sequence_id);
  const SequenceVersion* version =
      sequence == nullptr ? nullptr : sequence->FindVersion(assignment.sequence_version);
  if (version == nullptr) return facts;
  for (const SequenceActivity& activity : version->activities) {
    facts.activities.push_back({.code = activity.code, .modules = activity.modules});
  }
  return facts;
}

}  // namespace

StartReadinessFacts StartReadinessFactsOf(const Stay& stay, State& state, const Policy& policy,
                                          LocalDate on) {
  StartReadinessFacts facts{
      .plan_version = stay.plan_version,
      .scheduled = stay.scheduled,
      .answered_plan_version = stay.answer.plan_version,
      .accepted = stay.answer.accepted,
      .answered = stay.answer.fact,
      .has_tutor = stay.tutor.HolderOn(on) != nullptr,
      .has_supervisor = stay.supervisor.HolderOn(on) != nullptr,
      .supervision_agreed = stay.supervision.agreed_proposal != 0,
      .agreed = stay.supervision.first_agreed,
      .full_on = 0,
      .full = {},
      .attestations = {},
      .gaps = {},
      .prepared_on = stay.prepared_on,
      .prepared = stay.prepared,
      .preparation_required = policy.Is(PolicyKey::kPreparationGate, "REFUSE")};
  const CompanyState* company = state.Company(stay.company_id);
  if (company == nullptr) return facts;
  if (stay.IsPlanned()) {
    facts.full_on = company->FirstFullDayOfStart(stay.starts_on, stay.ends_on, on);
    if (facts.full_on != 0) facts.full = company->CapacityOn(facts.full_on)->fact;
  }
  for (const Attestation& attestation : company->attestations) {
    if (!attestation.IsFor(stay.sequence_id, stay.sequence_version)) continue;
    facts.attestations.push_back(
        {.until_on = attestation.valid_until_on, .fact = attestation.fact});
  }
  for (const ResourceGap& gap : company->open_gaps) {
    if (!gap.Concerns(stay.sequence_id, stay.id)) continue;
    std::vector<std::string> touched = TouchedBy(gap, *stay.plan);
    if (touched.empty()) continue;
    facts.gaps.push_back({.number = gap.number,
                          .activities = std::move(touched),
                          .mitigated = gap.mitigated,
                          .reported = gap.reported});
  }
  return facts;
}

EligibilityFacts EligibilityFactsOf(const StudentState& student, const Enrolment& enrolment,
                                    State& state) {
  EligibilityFacts facts;
  facts.enrolment_open = enrolment.open;
  facts.in_alternance = enrolment.in_alternance;
  facts.enrolled = enrolment.fact;
  facts.enrolment_closed = enrolment.closed;
  const std::string& code = enrolment.programme.code;
  if (const ProgrammeState* programme = state.Programme(enrolment.programme)) {
    facts.elements_known = programme->elements_known != type::v1::ELEMENTS_KNOWN_NONE;
    for (const Module& module : programme->modules) {
      facts.modules.push_back({.module = module.code, .minutes = module.allotted_minutes});
    }
  }
  for (const Assignment& assignment : student.assignments) {
    if (assignment.programme_code != code) continue;
    facts.assignments.push_back(FactsOf(assignment, state));
  }
  for (const Shared<Stay>& stay : student.stays) {
    if (stay->programme_code != code) continue;
    facts.stays.push_back(FactsOf(*stay, state));
    for (const MakeUp& make_up : stay->make_ups) facts.make_ups.push_back(FactsOf(make_up, *stay));
  }
  for (const ModuleRecord& record : student.modules) {
    if (record.programme_code != code) continue;
    if (record.prior.recorded.seq != 0) facts.prior_results.push_back(FactsOf(record));
    for (const Attempt& attempt : record.attempts) {
      facts.attempts.push_back({.module = record.module,
                                .number = attempt.number,
                                .result = attempt.result,
                                .sat_from_on = attempt.sat_from_on,
                                .sat_to_on = attempt.sat_to_on,
                                .stands = true,
                                .recorded = attempt.recorded,
                                .open_reviews = attempt.open_reviews});
    }
  }
  return facts;
}

EligibilityPolicy EligibilityPolicyOf(const Policy& policy) {
  return {.policy_version = policy.Version(),
          .makeup_must_be_done = policy.Is(PolicyKey::kMakeUpGate, "COMPLETED"),
          .report_must_be_there = policy.Is(PolicyKey::kReportGate, "ON"),
          .makeup_gate_set = policy.Fact(PolicyKey::kMakeUpGate),
          .report_gate_set = policy.Fact(PolicyKey::kReportGate)};
}

}  // namespace jalon::domain
