// root_log: the log of all logs of the deployment: the tree over the checkpoints of trails and of
// receipts logs, as the system partition says that they were published. A trail that is in it
// cannot be hidden any more without a fork of this log.
//
// Keys, after PartitionScope(): the rows of OnlyTree() (tree_rows.h), and
//   'O' ‖ origin ‖ size (8, big-endian)      RootEntryRow: where that checkpoint stands
// An entry of the log is the text of a checkpoint (eventstore/trail/checkpoint.h), unsigned.
//
// Example: two logs are published at sizes 300 and 7: rows H, two L, and
//   'O' ‖ "…/…/…/1" ‖ 000000000000012c         at 0
//   'O' ‖ "…/receipts/54/1" ‖ 0000000000000007 at 1
//
// Fold: LogsPublished, which the system partition alone holds. Version: see kRootLogVersion.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "projections/engine/view.h"
#include "projections/views/key.h"
#include "projections/views/root_log_row.h"
#include "projections/views/tree_rows.h"

namespace jalon::projections {

inline constexpr std::string_view kRootLog = "root_log";
inline constexpr uint32_t kRootLogVersion = 1;

std::unique_ptr<const View> MakeRootLog();

// What follows the scope.
Key RootEntryKey(std::string_view origin, uint64_t size);

}  // namespace jalon::projections
