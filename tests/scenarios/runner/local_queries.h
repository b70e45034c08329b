// Queries answered from the writer's rows, as views answer them from their own: by the same pure
// functions of the domain.
#pragma once

#include "tests/scenarios/runner/local_world.h"

namespace jalon::scenarios {

// GetSummativeEligibility, GetStartReadiness, GetHoursLedger without days, ListMakeUps of
// what is not planned, GetSequence.
void AddLocalQueries(LocalWorld& world);

}  // namespace jalon::scenarios
