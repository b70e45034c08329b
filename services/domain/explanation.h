// What a reason means, whole and in both languages: what ExplainReason answers, and what the
// command line says where no server can be asked.
#pragma once

#include <string_view>

#include "jalon/catalogue/v1/catalogue_query_service.pb.h"
#include "services/domain/reason.h"

namespace jalon::domain {

// REQUIRES: `reason` is a reason, not the zero value.
catalogue::v1::ReasonExplanation ExplanationOf(RefusalReason reason);

// Adds those of a rule's reasons to `response`; none for anything that is no rule.
void ExplainRule(std::string_view rule, catalogue::v1::ExplainReasonResponse* response);

}  // namespace jalon::domain
