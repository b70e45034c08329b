// What an entry of a trail says of its own place: the clear envelope of the event that it is
// (jalon.log.v1.Event). Read in place: an auditor's tool needs no more of protobuf than this.
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace jalon::trail {

// Views into the entry's bytes.
struct Place {
  std::string_view tenant;  // the school
  std::string_view key;     // which trail of it: the company
  uint64_t index = 0;       // in that trail, from 0
  int64_t recorded_at = 0;  // microseconds since the Unix epoch, UTC
};

// None if the bytes are no event, or one that is no leaf of a trail.
std::optional<Place> PlaceOf(std::string_view entry);

}  // namespace jalon::trail
