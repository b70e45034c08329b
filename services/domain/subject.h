// How a refusal names what it is about, and in which order answers list reasons and events.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/domain/model/fact.h"
#include "services/domain/refusals.h"

namespace jalon::domain {

// An id as people see it, in lower-case hex; an activity of a stay or of a sequence is
// "<id>/<activity>".
std::string SubjectOf(std::string_view id);
std::string SubjectOf(std::string_view id, std::string_view activity);

// By rule ("R2" before "R14", those without a rule last), then subject, reason and cause.
void SortByRule(std::vector<Violation>* findings);

// In the order of the log, each event once, absent ones (seq 0) dropped.
std::vector<FactRef> SortedFacts(std::vector<FactRef> facts);

}  // namespace jalon::domain
