// Request ids: UUIDv7 (RFC 9562): 48 bits of milliseconds, then randomness.
#pragma once

#include <cstdint>
#include <string>

namespace jalon::client {

// A new request id at `unix_ms`, 16 bytes. Thread safety: any thread.
std::string NewRequestId(uint64_t unix_ms);

}  // namespace jalon::client
