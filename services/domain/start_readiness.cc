#include "services/domain/start_readiness.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "services/domain/local_date.h"
#include "services/domain/subject.h"

namespace jalon::domain {
namespace {

Violation Lack(RefusalReason reason, std::string cause, std::vector<FactRef> facts) {
  return {.reason = reason,
          .subjects = {},
          .cause = std::move(cause),
          .facts = SortedFacts(std::move(facts)),
          .rule = {}};
}

// Whether what is dated after the start counts.
enum class Afterwards { kIsTooLate, kCounts };

StartReadiness Assess(const StartReadinessFacts& facts, uint32_t on, Afterwards afterwards) {
  StartReadiness readiness;
  const auto later = [&](const FactRef& fact) {
    return afterwards == Afterwards::kIsTooLate && on < fact.occurred_on;
  };
  // R5: the company has the student carry out the activities: it accepts the plan as it stands now.
  if (!facts.accepted || facts.answered_plan_version != facts.plan_version ||
      later(facts.answered)) {
    const char* cause = facts.answered_plan_version == 0                    ? "NOT_ANSWERED"
                        : !facts.accepted                                   ? "DECLINED"
                        : facts.answered_plan_version != facts.plan_version ? "EARLIER_PLAN"
                                                                            : "AFTER_THE_START";
    readiness.lacking.push_back(
        Lack(Reason::PLAN_NOT_ACCEPTED, cause, {facts.scheduled, facts.answered}));
  }
  // R10: the planned days are booked; a start on another day finds a seat, too.
  if (facts.full_on != 0) {
    readiness.lacking.push_back(Lack(Reason::HOSTING_CAPACITY_EXCEEDED,
                                     "FULL_ON_" + DateText(facts.full_on), {facts.full}));
  }
  // R13: the school makes sure of the resources, and says how the activities of a gap are done. One
  // attestation that holds on the day is enough, whatever was attested before or since.
  bool attested = false;
  bool attested_later = false;
  std::vector<FactRef> attestations;
  for (const StartReadinessFacts::Attestation& attestation : facts.attestations) {
    const bool is_late = later(attestation.fact);
    attested = attested || (!is_late && on <= attestation.until_on);
    attested_later = attested_later || is_late;
    attestations.push_back(attestation.fact);
  }
  if (!attested) {
    const char* cause = attestations.empty() ? "NOT_ATTESTED"
                        : attested_later     ? "AFTER_THE_START"
                                             : "EXPIRED";
    readiness.lacking.push_back(
        Lack(Reason::RESOURCES_NOT_ATTESTED, cause, std::move(attestations)));
  }
  for (const StartReadinessFacts::Gap& gap : facts.gaps) {
    Violation finding =
        Lack(gap.mitigated ? Reason::RESOURCE_GAP_OPEN : Reason::RESOURCE_GAP_UNMITIGATED,
             fmt::format("GAP_{}", gap.number), {gap.reported});
    finding.subjects = gap.activities;
    (gap.mitigated ? readiness.warnings : readiness.lacking).push_back(std::move(finding));
  }
  // R19: a tutor, a school supervisor, and the assent of both sides.
  Violation supervision = Lack(Reason::SUPERVISION_NOT_ARRANGED, "", {});
  if (!facts.has_tutor) supervision.subjects.emplace_back("TUTOR");
  if (!facts.has_supervisor) supervision.subjects.emplace_back("SCHOOL_SUPERVISOR");
  if (!facts.supervision_agreed || later(facts.agreed)) {
    supervision.subjects.emplace_back("AGREEMENT");
    supervision.facts = SortedFacts({facts.agreed});
  }
  if (!supervision.subjects.empty()) readiness.lacking.push_back(std::move(supervision));
  // R22: the school prepares the student ("conviendra": a warning, unless the school decides).
  if (facts.prepared_on == 0 || on < facts.prepared_on) {
    const char* cause = facts.prepared_on == 0 ? "NOT_PREPARED" : "AFTER_THE_START";
    (facts.preparation_required ? readiness.lacking : readiness.warnings)
        .push_back(Lack(Reason::PREPARATION_MISSING, cause, {facts.prepared}));
  }
  SortByRule(&readiness.lacking);
  SortByRule(&readiness.warnings);
  return readiness;
}

}  // namespace

StartReadiness ReadinessToStart(const StartReadinessFacts& facts, uint32_t on) {
  return Assess(facts, on, Afterwards::kIsTooLate);
}

std::vector<RefusalReason> StillLacking(const StartReadinessFacts& facts, uint32_t started_on,
                                        const std::vector<RefusalReason>& start_lacked) {
  const StartReadiness now = Assess(facts, started_on, Afterwards::kCounts);
  std::vector<RefusalReason> lacking;
  for (const RefusalReason reason : start_lacked) {
    const auto is_reason = [&](const Violation& finding) { return finding.reason == reason; };
    if (std::ranges::any_of(now.lacking, is_reason) ||
        std::ranges::any_of(now.warnings, is_reason)) {
      lacking.push_back(reason);
    }
  }
  return lacking;
}

}  // namespace jalon::domain
