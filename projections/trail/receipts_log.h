// The receipts log of a partition, read from the rows of the view receipts and from the log: what a
// receipt is made of but for its signature.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/log/log.h"
#include "projections/trail/event_reader.h"
#include "projections/trail/trail_rows.h"
#include "projections/trail/trail_tree.h"
#include "projections/views/id.h"

namespace jalon::projections {

// An entry of a trail, and its line in the receipts log.
struct Received {
  CompanyId company_id;
  uint64_t index = 0;  // in the company's trail
  std::string trail;   // its origin
  uint64_t at = 0;     // the line's place in the receipts log
  std::string line;
  std::string entry;  // the bytes that the trail holds
};

// Thread safety: one thread at a time. It may be kept while the log grows: the end of its tree, of
// which the next proofs are made, then need not be read again.
class ReceiptsLog {
 public:
  // Borrows `log`.
  ReceiptsLog(std::string_view deployment, Partition partition, eventstore::Log& log);
  ReceiptsLog(const ReceiptsLog&) = delete;
  ReceiptsLog& operator=(const ReceiptsLog&) = delete;

  // Reads `rows` from here on: those of the view receipts under PartitionScope(), as they are now.
  // Returns how the tree stands. The errors of TrailTree::Now.
  Result<TreeState> Open(TrailRows rows);
  // Lets go of the rows, and so of the snapshot that they hold.
  void Close() { rows_ = {}; }

  // REQUIRES, of all below: it is open.
  TrailTree& tree() { return tree_; }

  // The entries of a record, at most `most`, in order; only that of the event with `index` if one
  // is named. Empty if the record holds none. DATA_LOSS INTERNAL, PARTITION_DIVERGED if rows and
  // log do not say the same.
  Result<std::vector<Received>> Of(Seq seq, size_t most, std::optional<uint32_t> index = {});

 private:
  TrailRows rows_;
  const Bytes deployment_;
  TrailTree tree_;
  EventReader events_;
};

}  // namespace jalon::projections
