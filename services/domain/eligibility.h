// Whether a student may be summatively evaluated in a module (R14 to R18, R21), and why not.
//
// RecordSummativeEvaluation and GetSummativeEligibility ask the same function: what the query shows
// at a position is what the command answers there. Estimates, attitudes and hours are no part of
// the facts, so they cannot change a verdict (R20, R23).
#pragma once

#include <string_view>
#include <vector>

#include "jalon/progress/v1/eligibility.pb.h"
#include "services/domain/eligibility_facts.h"
#include "services/domain/refusals.h"

namespace jalon::domain {

enum class Verdict {
  kEligible,     // nothing stands against it
  kNotEligible,  // the reasons say what does
  kEvaluated,    // a success or a prior result is in force
};

struct Eligibility {
  Verdict verdict = Verdict::kNotEligible;
  std::vector<Violation> reasons;  // one per subject, by rule; empty unless not eligible
  std::vector<Violation> notes;    // worth knowing; they stand against nothing
  // The attempt in force (SUCCESS or FAILURE), or null: none, or a success that was brought along
  // stands. Points into the facts.
  const EligibilityFacts::Attempt* in_force = nullptr;
  bool targeted = false;  // some stay or assigned sequence targets the module
  uint32_t policy_version = 0;
  std::vector<FactRef> based_on;  // every event the verdict was computed from, in the log's order
};

// The eligibility of `module` for a first sitting on `on` (local date, yyyymmdd), by the policy of
// that day. Pure: the same facts give the same answer, in whatever order their vectors stand.
// Requires: `facts` outlives the result's `in_force`.
Eligibility SummativeEligibility(const EligibilityFacts& facts, std::string_view module,
                                 uint32_t on, const EligibilityPolicy& policy);

// The newest attempt that stands and is not an absence; null if there is none.
const EligibilityFacts::Attempt* InForce(const EligibilityFacts& facts, std::string_view module);

// As GetSummativeEligibility answers it: without the module's statement, and with reasons and notes
// that have no words yet (Explain).
progress::v1::ModuleEligibility ToProto(const Eligibility& eligibility, std::string_view module);

}  // namespace jalon::domain
