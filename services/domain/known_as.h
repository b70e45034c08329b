// What a stay is known as, whichever school tells it to which.
#pragma once

#include <string_view>

#include "eventstore/base/ids.h"

namespace jalon::domain {

inline constexpr size_t kKnownAsBytes = 16;

// Of a stay of that school (16 bytes): the first 16 bytes of
// SHA-256("jalon.stay.v1\n" ‖ school id ‖ stay id). Half of a stay's id is random, so nobody finds
// it, or the student in it, by trying; and decide can tell a stay of its own school without a key.
Bytes KnownAs(std::string_view school_id, std::string_view stay_id);

}  // namespace jalon::domain
