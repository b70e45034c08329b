// receipts: the receipts log of each partition: the tree over lines that say which entry of which
// trail was accepted, in the order of the partition. A line under a signed checkpoint of this log
// proves later that an entry was left out, to whoever keeps it.
//
// Keys, after PartitionScope(): the rows of OnlyTree() (tree_rows.h), and
//   'S' ‖ seq (8, big-endian)      ReceiptsRow: the entries of that record
// An entry of the log is a line (eventstore/trail/tlog_proof.h), which is made again from there.
//
// Example: the partition's first report is record 9, with two entries: rows H, two L, and
//   'S' ‖ 0000000000000009         first 0; events 0 and 1 of it: entries 0 and 1 of a company
//
// Fold: the events that are leaves of trails, by seq, then by their place in the record; where one
// stands in its trail is the view trails' to check. Opens no seal. Version: see kReceiptsVersion.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "eventstore/base/ids.h"
#include "projections/engine/view.h"
#include "projections/views/key.h"
#include "projections/views/receipts_row.h"
#include "projections/views/tree_rows.h"

namespace jalon::projections {

inline constexpr std::string_view kReceipts = "receipts";
inline constexpr uint32_t kReceiptsVersion = 1;

// `deployment`: the cluster's id in the log's genesis, 16 bytes: lines name trails by it.
std::unique_ptr<const View> MakeReceipts(std::string_view deployment);

// What follows the scope, which is read as the tenant: PartitionScope().
Key ReceiptsKey(Seq seq);

// The line of an entry whose leaf hash in its trail is `leaf`.
std::string ReceiptLineOf(std::string_view deployment, std::string_view school_id,
                          const ReceiptedEntry& entry, const Hash& leaf);

}  // namespace jalon::projections
