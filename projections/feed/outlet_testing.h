// An outlet in memory that does what Kafka may: delays, fails with some of what is on the way there
// and some not, and keeps places or loses them. What it holds is what a consumer would read.
#pragma once

#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "eventstore/outlet/outlet.h"

namespace jalon::projections::testing {

// One topic that several relays write to.
struct MemoryTopic {
  std::vector<eventstore::OutMessage> messages;
  std::map<uint32_t, eventstore::OutletPlace> places;
};

class MemoryOutlet final : public eventstore::Outlet {
 public:
  MemoryOutlet(MemoryTopic& topic, uint64_t seed) : topic_(topic), random_(seed) {}

  Result<bool> Send(const eventstore::OutMessage& message, uint64_t ticket) override;
  Result<std::vector<uint64_t>> Delivered() override;
  Result<void> Reset() override;
  Result<std::vector<eventstore::OutletPlace>> Load() override;
  Result<void> Keep(const std::vector<eventstore::OutletPlace>& places, bool wait) override;

  size_t on_the_way_max = 1000;
  double fails = 0;    // of a call of Delivered, this share
  double arrives = 1;  // of what is on the way, at a call of Delivered
  bool unreachable = false;
  uint64_t failures = 0;

 private:
  struct OnTheWay {
    eventstore::OutMessage message;
    uint64_t ticket;
  };
  bool Chance(double share) { return std::bernoulli_distribution(share)(random_); }
  // The first `count` arrive.
  void Arrive(size_t count, std::vector<uint64_t>* tickets);

  MemoryTopic& topic_;
  std::mt19937_64 random_;
  std::deque<OnTheWay> on_the_way_;
  bool broken_ = false;
};

// What a consumer keeps that drops whatever is not greater than the last sequence of its source:
// the ids, in order; and how many it dropped.
struct Taken {
  std::vector<std::string> ids;
  uint64_t dropped = 0;
};
Taken TakeByRule(const MemoryTopic& topic);

}  // namespace jalon::projections::testing
