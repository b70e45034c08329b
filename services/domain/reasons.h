// What the contract fixes about a reason: its name, rule, basis, status, who clears it.
#pragma once

#include <string_view>

#include "jalon/option/v1/reason.pb.h"
#include "services/domain/reason.h"

namespace jalon::domain {

// "NO_TARGET": the enum's name without its prefix. Empty for a number that is no reason.
std::string_view ReasonName(RefusalReason reason);
// The reason of that name; the zero value if there is none.
RefusalReason ReasonNamed(std::string_view name);

// Rule, basis, status, who clears it and by what: as the contract says.
const option::v1::ReasonOption& OptionOf(RefusalReason reason);

// 18 for "R18"; 0 for anything that is no rule.
int RuleNumber(std::string_view rule);

}  // namespace jalon::domain
