// Training plans, which stays share.
#pragma once

#include <string>

#include "services/domain/model/plan_ref.h"
#include "services/domain/state.h"

namespace jalon::domain {

// The plan that those fields of a StayScheduled say. Most stays have one that is a row already; the
// first of them makes it. False: the fields are none of that message.
bool SharePlan(const std::string& fields, Rows& rows, PlanRef* plan);

}  // namespace jalon::domain
