// Where a fact of the state comes from, so that a refusal can name the event behind it.
#pragma once

#include <cstdint>

namespace jalon::domain {

// The place of one event. A state keeps one beside each fact that a reason may cite.
struct FactRef {
  uint64_t seq = 0;  // of its record; 0: no event
  uint32_t index = 0;
  uint32_t type = 0;  // the event's number in jalon.event.v1.EventBody
  uint32_t occurred_on = 0;
  int64_t recorded_at = 0;

  void Fields(auto& archive) { archive(seq, index, type, occurred_on, recorded_at); }
  bool operator==(const FactRef&) const = default;
};

}  // namespace jalon::domain
