// The training plan that a StayScheduled, or a StayTransferred, says, read in place.
#pragma once

#include <string>
#include <string_view>

#include "projections/engine/view.h"
#include "projections/views/plan_row.h"

namespace jalon::projections {

// The share that an encoded jalon.type.v1.ModuleMinutes says.
ModuleShare ShareOf(std::string_view message);

// The fields of a StayScheduled or StayTransferred that say its plan: what the plan's digest is of.
std::string PlanFieldsOf(const EventView& event);
// The plan that those fields say.
PlanRow PlanOf(std::string_view fields);

}  // namespace jalon::projections
