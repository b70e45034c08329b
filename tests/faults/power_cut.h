// The power goes under a process that writes, at one of its operations.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "eventstore/log/rocks/child_testing.h"
#include "tests/faults/faulty_disk.h"

namespace jalon::faults {

inline constexpr Loss kLosses[] = {Loss::kAll, Loss::kTorn, Loss::kHoles};

// Ends the process, as the power does.
[[noreturn]] void GoDark();

struct PowerCut {
  uint64_t seed = 1;
  uint64_t at = 0;  // which operation the power goes before
  Loss loss = Loss::kAll;
  // A log's witness, which is never synced: what was written to it may not be there.
  std::string witness;
  bool witness_is_old = false;
  std::string never_synced = {};  // FaultPlan
  std::chrono::microseconds sync_max{0};
};

// Runs `body` in a child, over a disk whose power goes: then it ends by SIGKILL. The parent must
// not have used RocksDB. `counts` lie in memory that both share.
eventstore::testing::Ending RunUntilCut(const PowerCut& cut, FaultCounts* counts,
                                        const std::function<std::string(FaultyDisk&)>& body);

}  // namespace jalon::faults
