// A log of a school year in the mix of the demonstration's, one event a record, as a node would
// have written it: claimed first, chained, each record under a request id of its own.
#pragma once

#include <cstdint>
#include <functional>

#include "eventstore/base/result.h"
#include "eventstore/log/log.h"

namespace jalon::bench {

// Appends so many events or a few less, of so many schools, each in the partition that its id
// gives, to a log of `partitions` whose partitions hold nothing but their genesis; and waits until
// all can be read. Returns how many. `progress` is told how many were made.
Result<uint64_t> AppendYear(eventstore::Log& log, uint32_t partitions, uint64_t events,
                            uint32_t schools, const std::function<void(uint64_t)>& progress);

}  // namespace jalon::bench
