// The check of an access log's chain, from its files alone: a server may run meanwhile, or not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "services/access/entries.h"

namespace jalon::access {

enum class Finding {
  kIntact,
  kAltered,    // `seq` is not what the entries beside it, or the head, say that it is
  kMissing,    // `seq` is not there: another one stands in its place, or none
  kUnreadable  // at `seq` stand bytes that are no entry
};

struct Verified {
  Finding finding = Finding::kIntact;
  uint64_t seq = 0;  // the first one at fault
  uint64_t entries = 0;
  Link first;  // the oldest that is kept, and the hash that it names
  Link last;   // the latest one, and its hash
  int64_t oldest_at = 0;
  int64_t latest_at = 0;
  uint64_t counted = 0;        // refusals without an entry of their own
  size_t half_written = 0;     // bytes at the end, after everything that was synced
  bool kept_is_older = false;  // `kept` was dropped with its segment, so it says nothing any more
};

// `kept`: a head that was told earlier, and kept elsewhere: it must still be there.
//
// Errors: NOT_FOUND where there is no access log; UNAVAILABLE ACCESS_LOG_UNAVAILABLE.
// Memory: one segment at a time.
Result<Verified> Verify(const std::string& folder, const std::optional<Link>& kept = {});

}  // namespace jalon::access
