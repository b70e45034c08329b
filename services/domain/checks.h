// Preconditions that many commands share.
#pragma once

#include <string_view>

#include "services/domain/context.h"
#include "services/domain/refusals.h"
#include "services/domain/state.h"

namespace jalon::domain {

// A fact is not dated after today (DATE_IN_FUTURE), nor further back than policy allows unless the
// coordinator gives a ground (BACKDATED_TOO_FAR). `subject`: the field, where there are several.
void CheckFactDate(const Context& context, const SchoolState& school, LocalDate date,
                   std::string_view subject, Refusals& refusals);

// The caller expected another version of the aggregate: VERSION_CONFLICT.
void CheckVersion(const Context& context, uint64_t version, FactRef last, Refusals& refusals);

// A company's people speak of their own company only; of another they know nothing: NOT_FOUND.
bool MaySpeakOf(const Context& context, std::string_view company_id);

// Where the school keys in the act of a company's person, that person holds one of the company's
// roles there on that day: ON_BEHALF_OF_INVALID, or ON_BEHALF_OF_REQUIRED where nobody is named
// although `required` and the caller is of the school.
void CheckOnBehalfOfCompany(const Context& context, State& state, const Bytes& company_id,
                            LocalDate date, bool required, Refusals& refusals);

}  // namespace jalon::domain
