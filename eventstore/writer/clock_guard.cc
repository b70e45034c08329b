#include "eventstore/writer/clock_guard.h"

#include <algorithm>

#include "eventstore/base/limits.h"

namespace jalon::eventstore {

ClockGuard::ClockGuard(const Clock& clock)
    : clock_(clock), ahead_(clock.UnmovedWall() - clock.Monotonic()) {}

Result<Micros> ClockGuard::Now(Micros last) const {
  const Micros wall = clock_.Wall();
  const Micros drift = clock_.UnmovedWall() - clock_.Monotonic() - ahead_;
  if (drift > limits::kClockSuspect || -drift > limits::kClockSuspect) {
    return Fail(Code::kUnavailable, "CLOCK_SUSPECT",
                "the wall clock jumped; nothing is decided until it is back, or the node restarts");
  }
  if (wall < last - limits::kClockSuspect) {
    return Fail(Code::kUnavailable, "CLOCK_SUSPECT",
                "the wall clock is behind the last record; set it before going on");
  }
  return std::max(wall, last);
}

}  // namespace jalon::eventstore
