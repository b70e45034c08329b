// Counting what is numbered from 0 without a gap. Whoever counts such numbers counts them here, so
// that no two can come to different counts of one log.
#pragma once

#include <cstdint>

namespace jalon {

// Counts the one that says it has this number. False, and nothing is counted, if another one comes
// next.
constexpr bool CountNext(uint64_t number, uint64_t* count) {
  if (number != *count) return false;
  ++*count;
  return true;
}

}  // namespace jalon
