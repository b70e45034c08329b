// A clock that an operator moves forward, on a data folder born with one: a school year in minutes,
// for a demonstration or a test. Between moves it goes on with the real one.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"

namespace jalon::node {

// Thread safety: every call may come from any thread, Advance from one at a time.
// Durability: a move survives a crash before anyone can see it.
class VirtualClock final : public Clock {
 public:
  // Reads how far the clock was moved from the file, which need not be there. DATA_LOSS if it is
  // damaged. `real` must outlive the clock.
  static Result<std::unique_ptr<VirtualClock>> Open(const std::string& path, const Clock& real);

  Micros Wall() const override { return real_.Wall() + Ahead(); }
  // Real: a move neither ends a wait nor makes anything late.
  Micros Monotonic() const override { return real_.Monotonic(); }
  Micros UnmovedWall() const override { return real_.Wall(); }

  // FAILED_PRECONDITION CLOCK_GOES_BACK if `to` is before Wall().
  Result<void> Advance(Micros to);

 private:
  VirtualClock(std::string path, const Clock& real, int64_t ahead)
      : path_(std::move(path)), real_(real), ahead_(ahead) {}
  Micros Ahead() const { return Micros(ahead_.load(std::memory_order_relaxed)); }

  const std::string path_;
  const Clock& real_;
  std::atomic<int64_t> ahead_;  // of the real clock, microseconds
};

}  // namespace jalon::node
