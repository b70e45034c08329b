// Reads events from the log by their place. Those of one record, read side by side, read it once.
#pragma once

#include <cstdint>

#include "eventstore/log/log.h"
#include "projections/engine/view.h"

namespace jalon::projections {

// Where an event lies.
struct EventPlace {
  Offset offset;       // of the record, in this life of the log
  Seq seq;             // of the record
  uint32_t index = 0;  // in the record
};

// Thread safety: one thread at a time.
class EventReader {
 public:
  // Borrows the log.
  EventReader(Partition partition, eventstore::Log& log) : partition_(partition), log_(log) {}

  // The event, which is valid until the next call. The errors of the log; DATA_LOSS
  // PARTITION_DIVERGED if it is not there.
  Result<EventView> Read(const EventPlace& place);

 private:
  Result<void> ReadRecord(Offset offset);
  std::unexpected<Error> NotThere(Offset offset) const;

  const Partition partition_;
  eventstore::Log& log_;
  eventstore::StoredEntry record_;
};

}  // namespace jalon::projections
