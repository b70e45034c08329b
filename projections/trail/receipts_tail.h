// The end of a partition's receipts log, in memory: counted from the log itself as its entries
// become durable, so that receipts of new records wait for no view. The same lines, in the same
// order, as the view receipts folds (projections/views/receipts.h).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/log/log.h"
#include "projections/engine/cursor.h"
#include "projections/trail/receipts_log.h"
#include "projections/trail/recent_tree.h"

namespace jalon::projections {

// Thread safety: one thread at a time.
class ReceiptsTail {
 public:
  // How much is kept: lines with their entries, and of more lines what proofs are made of.
  struct Limits {
    size_t lines = 0;
    size_t entry_bytes = 0;
    uint64_t leaves = 0;  // 64 bytes each
  };

  // Goes on from `begin`, where the receipts log has `tree`.
  ReceiptsTail(Partition partition, Bytes deployment, Cursor begin, trail::Frontier tree);

  const Bytes& log_incarnation() const { return cursor_.log_incarnation; }
  // The last record that was counted, and the offset to read on from.
  Seq seq() const { return cursor_.head.seq; }
  Offset next() const { return cursor_.Next(); }

  // Counts an entry. The errors of CountEntry; PARTITION_DIVERGED if an event is malformed. On an
  // error this must not be used any more.
  // REQUIRES: entries are passed in order, from next() on.
  Result<void> Take(const eventstore::StoredEntry& entry);

  const RecentTree& tree() const { return tree_; }
  // As ReceiptsLog::Of, of a record that was taken; nothing if it was before, or is let go of.
  std::optional<std::vector<Received>> Of(Seq seq, size_t most,
                                          std::optional<uint32_t> index = {}) const;

  // Lets go of the oldest records, whole, until no more is kept.
  void Keep(const Limits& limits);

 private:
  struct Line {
    Seq seq;
    uint32_t event = 0;  // its index in the record
    Received received;
  };

  const Partition partition_;
  const Bytes deployment_;
  Cursor cursor_;
  Seq since_;  // records after it are kept
  RecentTree tree_;
  std::deque<Line> lines_;  // ascending
  size_t entry_bytes_ = 0;  // of all of them
};

}  // namespace jalon::projections
