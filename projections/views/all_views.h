// Every view there is: a new one is a line in the list.
#pragma once

#include <memory>
#include <string_view>

#include "projections/engine/view_set.h"

namespace jalon::projections {

// `deployment`: the cluster's id in the log's genesis, 16 bytes.
std::unique_ptr<const ViewSet> MakeAllViews(std::string_view deployment);
// One of them alone, by name: for tests and measurements. REQUIRES: there is one of that name.
std::unique_ptr<const ViewSet> MakeOneView(std::string_view name, std::string_view deployment);
// All but those that trails, receipts and the root log are made of: for measurements.
std::unique_ptr<const ViewSet> MakeViewsWithoutTrails(std::string_view deployment);

}  // namespace jalon::projections
