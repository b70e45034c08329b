// What health checks are told of each view, as service `view.<name>`.
#pragma once

#include <string>
#include <vector>

#include "projections/engine/projector.h"
#include "projections/engine/view_set.h"

namespace jalon::node {

// In the order of the views.
std::vector<std::string> HealthNames(const projections::ViewSet& views);

// Per view, whether queries of it are answered in every partition. The views of a partition serve
// at one position, so that a query may read several: one that is still built at a start holds back
// all; one that is rebuilt beside holds back none.
std::vector<bool> ServingViews(const projections::ProjectorStatus& status, size_t views);

}  // namespace jalon::node
