// The receipts log of a partition, read from the rows of the view receipts and from the log: what
// receipts of old records are made of. Those of new ones: receipts_tail.h.
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

  bool operator==(const Received&) const = default;
};

// Thread safety: one thread at a time; for the time of one query only.
class ReceiptsLog {
 public:
  // `rows`: those of the view receipts under PartitionScope(). Borrows `log`.
  ReceiptsLog(TrailRows rows, std::string_view deployment, Partition partition,
              eventstore::Log& log);
  ReceiptsLog(const ReceiptsLog&) = delete;
  ReceiptsLog& operator=(const ReceiptsLog&) = delete;

  TrailTree& tree() { return tree_; }

  // The entries of a record, at most `most`, in order; only that of the event with `index` if one
  // is named. Empty if the record holds none. DATA_LOSS INTERNAL, PARTITION_DIVERGED if rows and
  // log do not say the same.
  Result<std::vector<Received>> Of(Seq seq, size_t most, std::optional<uint32_t> index = {});

 private:
  const TrailRows rows_;
  const Bytes deployment_;
  TrailTree tree_;
  EventReader events_;
};

}  // namespace jalon::projections
