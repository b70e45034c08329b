// The training plan that a StayScheduled says, read in place.
#pragma once

#include <string>
#include <string_view>

#include "projections/views/plan_row.h"

namespace jalon::projections {

// The share that an encoded jalon.type.v1.ModuleMinutes says.
ModuleShare ShareOf(std::string_view message);

// The fields of an encoded StayScheduled that say its plan: what the plan's digest is of.
std::string PlanFieldsOf(std::string_view scheduled);
// The plan that those fields say.
PlanRow PlanOf(std::string_view fields);

}  // namespace jalon::projections
