// The end of a partition's receipts log, in memory: counted from the log itself as its entries
// become durable, so that a receipt waits for no view and reads nothing. The same lines, in the
// same order, as the view receipts folds (projections/views/receipts.h).
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

  // Lets go of the oldest records until no more than so many lines are kept.
  void KeepLast(size_t lines);

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
};

}  // namespace jalon::projections
