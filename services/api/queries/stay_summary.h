// A stay in short, as several answers show it.
#pragma once

#include "jalon/placement/v1/stay_summary.pb.h"
#include "services/api/queries/records.h"

namespace jalon::api {

// `summary` is empty. Who is tutor and supervisor is said as of today.
Result<void> Summarise(const projections::StayRow& stay, const QueryContext& context,
                       LookUp& look_up, placement::v1::StaySummary* summary);

}  // namespace jalon::api
