// Where a fact of a row comes from, so that every answer can cite the event behind it.
#pragma once

#include <cstdint>

namespace jalon::projections {

// The place of one event: what a jalon.type.v1.EventRef shows.
struct Fact {
  uint64_t seq = 0;  // of its record; 0: no event
  uint32_t index = 0;
  uint32_t type = 0;         // the event's number in jalon.event.v1.EventBody
  uint32_t occurred_on = 0;  // local date, yyyymmdd
  int64_t recorded_at = 0;   // microseconds since the Unix epoch, UTC

  bool IsNone() const { return seq == 0; }

  void Fields(auto& archive) { archive(seq, index, type, occurred_on, recorded_at); }
  bool operator==(const Fact&) const = default;
};

}  // namespace jalon::projections
