// Tells the public feed what the log counted: follows every partition as any reader does, hands
// each event to an outlet, and has the outlet keep how far that is once what was told has arrived.
//
// A relay that dies is followed by one that repeats a little and leaves out nothing; so do two at
// once. Consumers drop what is not greater than the last sequence of its source.
//
// Owns no thread: whoever has one calls Step, and again when the log woke it, when Step says there
// is more, or after kRelayTimers.
//
// Thread safety: one thread; `wake` comes from any.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/log/genesis.h"
#include "eventstore/log/log.h"
#include "eventstore/outlet/outlet.h"
#include "projections/feed/feed.h"

namespace jalon::projections {

inline constexpr std::chrono::milliseconds kRelayTimers{20};
// On the way at most: a second and more at full speed.
inline constexpr size_t kRelayEventsMax = 20'000;
inline constexpr std::chrono::milliseconds kRelayKeepEvery{500};
// Kafka forgets the offsets of a group that nobody joins after a week: all are kept anew.
inline constexpr std::chrono::minutes kRelayKeepAllEvery{60};
// After an error of the outlet or the log that may pass.
inline constexpr std::chrono::milliseconds kRelayTryAgain{500};

struct RelayStatus {
  bool running = false;          // it has found where it goes on
  uint64_t delivered = 0;        // events that arrived since the start
  uint64_t on_the_way = 0;       // events handed over, not told of yet
  uint64_t resumed = 0;          // partitions that went on from a place that was kept
  uint64_t resets = 0;           // times that the outlet failed
  std::optional<Error> trouble;  // what it waits to pass
  // Places are not kept just now: a relay that came now would repeat more.
  std::optional<Error> not_kept;
  std::optional<Error> fault;  // it cannot go on
};

class Relay {
 public:
  // Both must outlive the relay; so must whatever `wake` touches.
  Relay(eventstore::Log& log, eventstore::Outlet& outlet, const eventstore::Birth& birth,
        std::function<void()> wake);

  // Does what can be done now, without waiting for anything but the outlet's places at the start.
  // True: call again at once.
  bool Step(Micros now);

  // Keeps how far it is, waiting for it. What is on the way will be told again by the next relay.
  Result<void> KeepNow();

  const RelayStatus& status() const { return status_; }

 private:
  // The events of one record, some of which have not arrived.
  struct Mark {
    Cursor after;
    uint32_t waiting;
  };
  struct Lane {
    Cursor read;
    Cursor told;  // everything before it arrived
    Offset kept;  // the outlet keeps this place
    std::deque<Mark> marks;
    uint64_t first_mark = 0;  // number of marks.front()
  };
  struct Waiting {
    FeedRecord record;
    uint64_t ticket;
  };

  Result<void> Begin();
  Result<void> Resume(const eventstore::OutletPlace& place);
  Result<void> Follow();
  Result<void> Rewind();
  Result<void> Collect();
  void Arrived(uint64_t ticket);
  Result<void> Hand();
  Result<bool> Read();
  Result<void> Keep(bool wait);
  void KeepSometimes(Micros now);
  Result<bool> Work(Micros now);

  eventstore::Log& log_;
  eventstore::Outlet& outlet_;
  const eventstore::Birth birth_;
  const std::function<void()> wake_;
  std::vector<Lane> lanes_;
  std::unique_ptr<eventstore::Follower> follower_;
  std::deque<Waiting> waiting_;  // read, and not taken by the outlet yet
  std::vector<FeedRecord> read_;
  RelayStatus status_;
  bool broken_ = false;  // the outlet is to be reset
  Micros try_at_{};
  Micros keep_at_{};
  Micros keep_all_at_{};
};

}  // namespace jalon::projections
