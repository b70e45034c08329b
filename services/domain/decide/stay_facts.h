// Fills the plain facts of the pure rules from the writer's state.
#pragma once

#include <string_view>

#include "services/domain/eligibility.h"
#include "services/domain/local_date.h"
#include "services/domain/policy.h"
#include "services/domain/start_readiness.h"
#include "services/domain/state.h"

namespace jalon::domain {

// What a start of the stay on `on` is measured by; `policy` is that of the day of the decision.
StartReadinessFacts StartReadinessFactsOf(const Stay& stay, State& state, const Policy& policy,
                                          LocalDate on);

// Everything that eligibility asks of one enrolment, as it stands.
EligibilityFacts EligibilityFactsOf(const StudentState& student, const Enrolment& enrolment,
                                    State& state);

// The policy of the sitting's day, as far as eligibility asks.
EligibilityPolicy EligibilityPolicyOf(const Policy& policy);

}  // namespace jalon::domain
