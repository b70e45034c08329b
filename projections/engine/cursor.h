// How far a fold has come in one partition, and the one step that takes it over the next entry:
// classify, decode in place, fold. Following, catching up and rebuilding all take that step, so
// that they cannot come to different rows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/base/wire.h"
#include "eventstore/log/classify.h"
#include "jalon/log/v1/log.pb.h"
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

// Classifies the entry and takes `cursor` over it. Its frame if it counts; nothing if it is void.
// On an error `cursor` must not be used any more. DATA_LOSS PARTITION_DIVERGED: the log lost or
// changed acknowledged bytes. DATA_LOSS LOG_CORRUPT: the bytes are no entry. FAILED_PRECONDITION
// UNSUPPORTED: the entry needs a newer binary.
// REQUIRES: entries are passed in order, from cursor.Next() on.
Result<std::optional<eventstore::EntryFrame>> CountEntry(Cursor& cursor, Partition partition,
                                                         Offset offset, std::string_view bytes);

// What is said of an entry that no sound log holds: DATA_LOSS PARTITION_DIVERGED.
std::unexpected<Error> Stopped(Partition partition, Offset offset, std::string_view what);

// Reads an event's envelope in place; `event` comes with what its record says. False if it is
// malformed.
bool ReadEvent(std::string_view bytes, EventView* event);

// Calls `visit(EventView)` for each event of the record at `offset`, in order, until it returns
// false. False then, and if one is malformed.
template <typename Visit>
bool ForEachEvent(const eventstore::EntryFrame& frame, Offset offset, Visit visit) {
  using log::v1::Record;
  std::string_view actor;  // stands before the events
  uint32_t events = 0;
  wire::Reader reader(frame.body);
  for (wire::Field field; reader.Next(&field);) {
    if (field.Is(Record::kActorFieldNumber, wire::Type::kBytes)) {
      if (events != 0) return false;
      actor = field.bytes;
    } else if (field.Is(Record::kEventsFieldNumber, wire::Type::kBytes)) {
      EventView event{.seq = frame.seq,
                      .index = events++,
                      .recorded_at = frame.recorded_at,
                      .tenant = {},
                      .aggregate = {},
                      .subject = {},
                      .actor = actor,
                      .payload = {},
                      .stored = field.bytes,
                      .offset = offset};
      if (!ReadEvent(field.bytes, &event) || !visit(event)) return false;
    }
  }
  return reader.ok();
}

// What one entry did.
struct Step {
  bool counted = false;  // otherwise void
  uint32_t events = 0;   // in it, wanted or not
};

// Counts the entry and, if it is a record, folds its events in order into `rows`, one per view of
// `views`; null where that view is not folded here. On an error `cursor` and `rows` must not be
// used any more. Errors as CountEntry; PARTITION_DIVERGED also for an event that is unknown at its
// level, or that a fold refuses.
// REQUIRES: entries are passed in order, from cursor.Next() on.
Result<Step> FoldEntry(Cursor& cursor, Partition partition, Offset offset, std::string_view bytes,
                       const ViewSet& views, std::span<ViewRows* const> rows);

}  // namespace jalon::projections
