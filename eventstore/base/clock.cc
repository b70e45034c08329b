#include "eventstore/base/clock.h"

namespace jalon {

Micros SystemClock::Wall() const {
  return std::chrono::duration_cast<Micros>(std::chrono::system_clock::now().time_since_epoch());
}

Micros SystemClock::Monotonic() const {
  return std::chrono::duration_cast<Micros>(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace jalon
