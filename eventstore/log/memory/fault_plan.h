// What a memory log does to what it is given: the faults of a broker and of a disk, by probability.
#pragma once

#include <cstdint>

#include "eventstore/base/clock.h"

namespace jalon::eventstore {

// Probabilities from 0 to 1, each drawn anew. Everything at its default: every append is there at
// once, in order.
struct FaultPlan {
  // An entry becomes durable this long after it was appended, but not before those appended to its
  // partition earlier. Virtual time: see MemoryLog::Step.
  Micros delay_min{0};
  Micros delay_max{0};
  double drop = 0;       // per entry: it never arrives
  double duplicate = 0;  // per entry: it arrives twice, the second time after another delay
  double reorder = 0;    // per entry: it does not wait for those appended earlier
  double tear = 0;       // per append: only some of its first entries arrive
  double refuse = 0;     // per append: fails with DISK_FULL, nothing is taken
};

// How often each fault bit. A fault test asserts that its own did.
struct FaultCounts {
  uint64_t appended = 0;  // entries taken
  uint64_t dropped = 0, duplicated = 0, reordered = 0;
  uint64_t torn = 0;       // entries of torn appends that never arrive
  uint64_t refused = 0;    // appends
  uint64_t lost = 0;       // entries not yet durable, by LosePending
  uint64_t truncated = 0;  // durable entries, by Truncate
};

}  // namespace jalon::eventstore
