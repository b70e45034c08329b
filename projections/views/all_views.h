// Every view there is: a new one is a line in the list.
#pragma once

#include <memory>

#include "projections/engine/view_set.h"

namespace jalon::projections {

std::unique_ptr<const ViewSet> MakeAllViews();
// One of them alone, by name: for tests and measurements. REQUIRES: there is one of that name.
std::unique_ptr<const ViewSet> MakeOneView(std::string_view name);

}  // namespace jalon::projections
