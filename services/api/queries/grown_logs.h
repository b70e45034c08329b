// What is to be published: the trails, and the partitions' receipts logs, that have grown since
// they were last published in the root log.
#pragma once

#include <functional>

#include "eventstore/base/result.h"
#include "eventstore/trail/checkpoint.h"
#include "services/api/placement.h"
#include "services/api/queries/reader.h"
#include "services/api/queries/trail_names.h"

namespace jalon::api {

// Calls `visit` for each, as it is now, until it returns false. Nothing on a log without a system
// partition. The errors of reading.
Result<void> EachGrownLog(Views& views, const Placement& placement, const TrailNames& names,
                          const std::function<bool(trail::Checkpoint)>& visit);

}  // namespace jalon::api
