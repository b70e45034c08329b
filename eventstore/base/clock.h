// Time comes in through a constructor, so that a test, a simulation or a demonstration can move it.
#pragma once

#include <chrono>
#include <cstdint>

namespace jalon {

// Microseconds since the Unix epoch, UTC.
using Micros = std::chrono::microseconds;

// Thread safety: every call may come from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall time; may jump either way.
  virtual Micros Wall() const = 0;
  // Never goes back; its zero means nothing. Time-outs and timers go by it: it passes as time does,
  // wherever somebody moves Wall().
  virtual Micros Monotonic() const = 0;
  // Wall() without what somebody moved it on purpose: keeps pace with Monotonic() unless the clock
  // of the machine jumped.
  virtual Micros UnmovedWall() const { return Wall(); }
};

class SystemClock final : public Clock {
 public:
  Micros Wall() const override;
  Micros Monotonic() const override;
};

// A clock that stands until it is moved. Monotonic() is the time moved forward since its birth.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Micros wall) : wall_(wall), start_(wall) {}
  Micros Wall() const override { return wall_; }
  Micros Monotonic() const override { return wall_ - start_; }
  void Advance(Micros by) { wall_ += by; }

 private:
  Micros wall_;
  Micros start_;
};

}  // namespace jalon
