// Virtual time: what is to happen, in order. Two things at one time happen in the order in which
// they were planned, so that a run is a function of its seed.
#pragma once

#include <functional>
#include <map>
#include <random>
#include <utility>

#include "eventstore/base/clock.h"

namespace jalon::eventstore::simulation {

class Scheduler {
 public:
  Micros now() const { return now_; }
  void At(Micros time, std::function<void()> what) {
    planned_.emplace(std::max(time, now_), std::move(what));
  }
  void In(Micros delay, std::function<void()> what) { At(now_ + delay, std::move(what)); }
  // When something happens next. REQUIRES: something is planned.
  Micros next() const { return planned_.begin()->first; }
  void RunNext() {
    auto first = planned_.extract(planned_.begin());
    now_ = first.key();
    first.mapped()();
  }
  // Lets time pass up to `time`, before what is planned next.
  void AdvanceTo(Micros time) { now_ = std::max(now_, time); }

 private:
  Micros now_{0};
  std::multimap<Micros, std::function<void()>> planned_;
};

// One node's clock: the true time, and what its wall clock is off by.
class NodeClock final : public Clock {
 public:
  static constexpr Micros kBirth = std::chrono::hours(24 * 365 * 56);

  explicit NodeClock(const Scheduler& scheduler) : scheduler_(scheduler) {}
  Micros Wall() const override { return kBirth + scheduler_.now() + off_; }
  Micros Monotonic() const override { return scheduler_.now(); }
  void SetOff(Micros off) { off_ = off; }

 private:
  const Scheduler& scheduler_;
  Micros off_{0};
};

// Every draw of a run.
class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}
  uint64_t operator()() { return random_(); }
  bool Happens(double probability) {
    return static_cast<double>(random_() >> 11) * 0x1p-53 < probability;
  }
  // From least to most, both included.
  int64_t Between(int64_t least, int64_t most) {
    return least + static_cast<int64_t>(random_() % static_cast<uint64_t>(most - least + 1));
  }
  Micros Time(Micros least, Micros most) { return Micros(Between(least.count(), most.count())); }

 private:
  std::mt19937_64 random_;
};

}  // namespace jalon::eventstore::simulation
