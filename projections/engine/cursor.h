// How far a fold has come in one partition, and the one step that takes it over the next entry:
// classify, decode in place, fold. Following, catching up and rebuilding all take that step, so
// that they cannot come to different rows.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/log/classify.h"
#include "projections/engine/view_set.h"

namespace jalon::projections {

// What rows reflect: every counted entry up to `head`. With the fold's version beside, this is a
// checkpoint.
struct Cursor {
  eventstore::ChainHead head;
  Bytes log_incarnation;    // 16 bytes, from the genesis
  int64_t recorded_at = 0;  // of the last counted record, microseconds; 0: none yet

  // The offset to read on from.
  Offset Next() const { return eventstore::IsBorn(head) ? head.offset.Next() : Offset{0}; }

  void Fields(auto& archive) {
    archive(head.epoch, head.epoch_id, head.seq, head.hash, head.offset, head.level,
            log_incarnation, recorded_at);
  }
  bool operator==(const Cursor&) const = default;
};

// What one entry did.
struct Step {
  bool counted = false;  // otherwise void
  uint32_t events = 0;   // in it, wanted or not
};

// Classifies the entry and, if it is a record that counts, folds its events in order into `rows`,
// one per view of `views`; null where that view is not folded here. On an error `cursor` and `rows`
// must not be used any more.
// DATA_LOSS PARTITION_DIVERGED: the log lost or changed acknowledged bytes, or holds an event that
// is unknown at its level. DATA_LOSS LOG_CORRUPT: the bytes are no entry. FAILED_PRECONDITION
// UNSUPPORTED: the entry needs a newer binary.
// REQUIRES: entries are passed in order, from cursor.Next() on.
Result<Step> FoldEntry(Cursor& cursor, Partition partition, Offset offset, std::string_view bytes,
                       const ViewSet& views, std::span<ViewRows* const> rows);

}  // namespace jalon::projections
