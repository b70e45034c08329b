// Request ids: UUIDv7 (RFC 9562), 16 bytes, whose first six bytes are the milliseconds since the
// Unix epoch, big-endian. That time bounds how long a repeat is recognised.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"

namespace jalon::eventstore {

// INVALID_ARGUMENT REQUEST_ID_MALFORMED if `id` is no UUIDv7; FAILED_PRECONDITION
// REQUEST_ID_EXPIRED if at `now` it is older than limits::kRequestIdWindow or further ahead than
// limits::kRequestIdAhead.
Result<void> CheckRequestId(std::string_view id, Micros now);

// The id's own time, milliseconds. REQUIRES: at least 6 bytes.
uint64_t RequestIdMillis(std::string_view id);

// The first id that is not yet too old to be recognised at `now`: six bytes, to compare with.
std::string OldestRequestId(Micros now);

}  // namespace jalon::eventstore
