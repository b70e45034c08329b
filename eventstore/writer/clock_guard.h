// Whether the clock can be trusted to date a record.
#pragma once

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"

namespace jalon::eventstore {

// Compares the wall clock with the monotonic one since its birth, and with the last record.
// Suspicion ends when the clock is back within limits::kClockSuspect of both; a machine's clock
// that was set on purpose needs a new writer. What a virtual clock was moved is no jump.
//
// Thread safety: one thread at a time.
class ClockGuard {
 public:
  explicit ClockGuard(const Clock& clock);

  // The time to stamp the next record with: never before `last`, the last record's. UNAVAILABLE
  // CLOCK_SUSPECT if the clock is too far behind it, or jumped.
  Result<Micros> Now(Micros last) const;

 private:
  const Clock& clock_;
  const Micros ahead_;  // of wall over monotonic time, at birth
};

}  // namespace jalon::eventstore
