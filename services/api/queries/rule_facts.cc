#include "services/api/queries/rule_facts.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "services/api/queries/facts.h"
#include "services/domain/limits.h"

namespace jalon::api {
namespace {

using domain::EligibilityFacts;
using projections::CompanyRow;
using projections::Fact;
using projections::GapFacts;
using projections::StayRow;

static_assert(projections::kAttestationsKept == domain::limits::kAttestationsKept);

// Beyond every date that a person holds a duty from: whoever held it on any day counts.
constexpr domain::LocalDate kEver = 99991231;

bool Concerns(const GapFacts& gap, const StayRow& stay) {
  return gap.sequence_id == stay.sequence_id &&
         (gap.stay_id.IsNone() || gap.stay_id == stay.stay_id);
}

// The activities of the plan that the gap touches.
std::vector<std::string> TouchedBy(const GapFacts& gap, const StayRow& stay) {
  std::vector<std::string> touched;
  for (const std::string& activity : gap.activities) {
    if (stay.FindActivity(activity) != nullptr) touched.push_back(activity);
  }
  return touched;
}

std::vector<EligibilityFacts::Gap> OpenGapsOf(const StayRow& stay, const CompanyRow* company) {
  std::vector<EligibilityFacts::Gap> gaps;
  if (company == nullptr) return gaps;
  for (const GapFacts& gap : company->open_gaps) {
    if (!Concerns(gap, stay)) continue;
    gaps.push_back({.activities = TouchedBy(gap, stay), .reported = RefOf(gap.reported)});
  }
  return gaps;
}

// That of a stay of another school was that school's to ask for.
bool HasFinalReport(const StayRow& stay) {
  return !stay.transferred.IsNone() || std::ranges::any_of(stay.reports, [](const auto& report) {
    return report.kind == type::v1::TUTOR_REPORT_KIND_FINAL;
  });
}

EligibilityFacts::Stay FactsOf(const StayRow& stay, const CompanyRow* company) {
  EligibilityFacts::Stay facts{.stay_id = stay.stay_id.Str(),
                               .sequence_id = stay.sequence_id.Str(),
                               .type = stay.type,
                               .state = stay.state,
                               .ended_on = stay.ended_on,
                               .plan = {},
                               .added = {},
                               .final_report = HasFinalReport(stay),
                               .scheduled = RefOf(stay.scheduled),
                               .started = RefOf(stay.started),
                               .ended = RefOf(stay.ended),
                               .open_deviation = {},
                               .overrun = {},
                               .open_gaps = OpenGapsOf(stay, company)};
  if (DeviationIsOpen(stay, company)) {
    facts.open_deviation = RefOf(stay.deviations.back().recorded);
  }
  if (IsOverrun(stay) && !stay.overruns.empty()) {
    facts.overrun = RefOf(stay.overruns.back().noted);
  }
  for (const projections::AdditionFacts& addition : stay.additions) {
    for (const projections::ModuleShare& share : addition.shares) {
      domain::AddMinutes(&facts.added, share.module, share.minutes);
    }
  }
  const auto outcomes = stay.Outcomes();
  for (size_t i = 0; i < outcomes.size(); ++i) {
    const projections::ActivityFacts& activity = stay.plan->activities[i];
    const projections::OutcomeFacts* outcome = outcomes[i];
    facts.plan.push_back(
        {.code = activity.activity,
         .shares = MinutesOf(activity.shares),
         .outcome = outcome == nullptr ? type::v1::OUTCOME_KIND_UNSPECIFIED : outcome->kind,
         .outcome_fact = outcome == nullptr ? domain::FactRef{} : RefOf(outcome->reported)});
  }
  return facts;
}

EligibilityFacts::MakeUp FactsOf(const projections::MakeUpFacts& make_up, const StayRow& stay) {
  const bool completed = make_up.state == type::v1::MAKE_UP_STATE_COMPLETED;
  return {.stay_id = stay.stay_id.Str(),
          .sequence_id = stay.sequence_id.Str(),
          .activity = make_up.activity,
          .modules = make_up.modules,
          .state = make_up.state,
          .completed_on = completed ? make_up.closed_on : 0,
          .required = RefOf(make_up.required),
          .latest = RefOf(make_up.latest)};
}

// The modules that the activity's objectives lie in.
std::vector<std::string> ModulesOf(const catalogue::v1::ActivityDefinition& activity,
                                   const catalogue::v1::SequenceDefinition& sequence) {
  std::vector<std::string> modules;
  for (const auto& objective : sequence.objectives()) {
    const auto& codes = activity.objectives();
    if (std::ranges::find(codes, objective.code()) == codes.end()) continue;
    if (std::ranges::find(modules, objective.module()) == modules.end()) {
      modules.push_back(objective.module());
    }
  }
  return modules;
}

EligibilityFacts::Assignment FactsOf(const projections::AssignmentFacts& assignment,
                                     const catalogue::v1::SequenceDefinition* sequence) {
  EligibilityFacts::Assignment facts{.sequence_id = assignment.sequence_id.Str(),
                                     .type = assignment.type,
                                     .active = true,
                                     .modules = assignment.modules,
                                     .activities = {},
                                     .assigned = RefOf(assignment.assigned)};
  for (const projections::ReleasedModule& released : assignment.released) {
    std::erase(facts.modules, released.module);
  }
  if (sequence == nullptr) return facts;
  for (const auto& activity : sequence->activities()) {
    facts.activities.push_back(
        {.code = activity.code(), .modules = ModulesOf(activity, *sequence)});
  }
  return facts;
}

EligibilityFacts::Attempt FactsOf(const projections::AttemptFacts& attempt) {
  EligibilityFacts::Attempt facts{.module = attempt.module,
                                  .number = attempt.attempt,
                                  .result = attempt.result,
                                  .sat_from_on = attempt.sat_from_on,
                                  .sat_to_on = attempt.sat_to_on,
                                  .stands = true,
                                  .recorded = RefOf(attempt.recorded),
                                  .open_reviews = {}};
  for (const projections::ReviewFacts& review : attempt.reviews) {
    facts.open_reviews.push_back(RefOf(review.raised));
  }
  return facts;
}

// By day; of the same day the one that was recorded first.
bool IsEarlier(const domain::FactRef& one, const domain::FactRef& other) {
  return std::tuple(one.occurred_on, one.seq, one.index) <
         std::tuple(other.occurred_on, other.seq, other.index);
}

// The pointer that the map has for the key; null where it has none.
template <typename Map>
auto* FindIn(const Map& map, const typename Map::key_type& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &*found->second;
}

}  // namespace

domain::EligibilityFacts EligibilityFactsOf(const EnrolmentRows& rows) {
  EligibilityFacts facts;
  facts.in_alternance = rows.enrolment.in_alternance;
  facts.enrolled = RefOf(rows.enrolment.enrolled);
  facts.enrolment_open = rows.enrolment.closed.IsNone();
  facts.enrolment_closed = RefOf(rows.enrolment.closed);
  const std::string& code = rows.enrolment.programme.code;
  if (rows.programme != nullptr) {
    facts.elements_known = rows.programme->elements() != type::v1::ELEMENTS_KNOWN_NONE;
    for (const auto& module : rows.programme->modules()) {
      facts.modules.push_back({.module = module.code(), .minutes = module.hours() * 60});
    }
  }
  for (const projections::AssignmentFacts& assignment : rows.student.assignments) {
    if (assignment.programme_code != code) continue;
    facts.assignments.push_back(
        FactsOf(assignment, FindIn(rows.sequences, assignment.sequence_id)));
  }
  for (const StayRow& stay : rows.stays) {
    if (stay.programme_code != code) continue;
    facts.stays.push_back(FactsOf(stay, FindIn(rows.companies, stay.company_id)));
    for (const auto& make_up : stay.make_ups) facts.make_ups.push_back(FactsOf(make_up, stay));
  }
  for (const projections::AttemptFacts& attempt : rows.student.attempts) {
    if (attempt.programme_code == code) facts.attempts.push_back(FactsOf(attempt));
  }
  for (const projections::PriorResultFacts& prior : rows.student.prior_results) {
    if (prior.programme_code != code) continue;
    facts.prior_results.push_back({.module = prior.module,
                                   .origin = prior.origin,
                                   .result = prior.result,
                                   .attempts = prior.attempts,
                                   .recorded = RefOf(prior.recorded)});
  }
  return facts;
}

domain::StartReadinessFacts StartReadinessFactsOf(const StayRow& stay, const CompanyRow* company,
                                                  const domain::Policy& policy,
                                                  domain::LocalDate on) {
  domain::StartReadinessFacts facts;
  facts.plan_version = stay.plan_version;
  facts.scheduled = RefOf(stay.scheduled);
  if (!stay.plan_answers.empty()) {
    const projections::PlanAnswer& answer = stay.plan_answers.back();
    facts.answered_plan_version = answer.plan_version;
    facts.accepted = answer.accepted;
    facts.answered = RefOf(answer.answered);
  }
  facts.has_tutor = AssignedOn(stay.tutors, on) != nullptr;
  facts.has_supervisor = AssignedOn(stay.supervisors, on) != nullptr;
  // Supervision is agreed since the earliest day of an assent.
  for (const projections::SupervisionFacts& supervision : stay.supervision) {
    if (supervision.agreed.IsNone()) continue;
    const domain::FactRef agreed = RefOf(supervision.agreed);
    if (!facts.supervision_agreed || IsEarlier(agreed, facts.agreed)) facts.agreed = agreed;
    facts.supervision_agreed = true;
  }
  // The first session held in time; a late one does not clear R22.
  for (const projections::PreparationFacts& preparation : stay.preparations) {
    const uint32_t held_on = preparation.held.occurred_on;
    if (preparation.late || (facts.prepared_on != 0 && facts.prepared_on <= held_on)) continue;
    facts.prepared_on = held_on;
    facts.prepared = RefOf(preparation.held);
  }
  facts.preparation_required = policy.Is(domain::PolicyKey::kPreparationGate, "REFUSE");
  if (company == nullptr) return facts;
  for (const projections::AttestationFacts& attestation : company->attestations) {
    if (attestation.sequence_id != stay.sequence_id ||
        attestation.sequence_version != stay.sequence_version) {
      continue;
    }
    facts.attestations.push_back(
        {.until_on = attestation.valid_until_on, .fact = RefOf(attestation.attested)});
  }
  for (const GapFacts& gap : company->open_gaps) {
    if (!Concerns(gap, stay)) continue;
    std::vector<std::string> touched = TouchedBy(gap, stay);
    if (touched.empty()) continue;
    facts.gaps.push_back({.number = gap.gap_number,
                          .activities = std::move(touched),
                          .mitigated = !gap.mitigated.IsNone(),
                          .reported = RefOf(gap.reported)});
  }
  return facts;
}

bool DeviationIsOpen(const StayRow& stay, const CompanyRow* company) {
  std::vector<domain::RefusalReason> lacked;
  for (const projections::DeviationFacts& deviation : stay.deviations) {
    for (const uint32_t reason : deviation.missing) {
      lacked.push_back(static_cast<domain::RefusalReason>(reason));
    }
  }
  if (lacked.empty()) return false;
  // A policy says whether what lacks refuses or warns: it lacks either way.
  const domain::SchoolState defaults;
  const domain::Policy policy(defaults, stay.started_on);
  return !domain::StillLacking(StartReadinessFactsOf(stay, company, policy, kEver), stay.started_on,
                               lacked)
              .empty();
}

bool IsOverrun(const StayRow& stay) {
  return stay.LoggedMinutes() > stay.PlannedMinutes() + stay.AddedMinutes();
}

}  // namespace jalon::api
