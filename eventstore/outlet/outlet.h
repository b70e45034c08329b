// Where counted records are told to others: messages out, in order for each key, and beside them
// how far of the log was told, so that another process goes on from there.
//
// An outlet may repeat and never leaves out: what is not vouched for is sent again.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"

namespace jalon::eventstore {

struct OutMessage {
  std::string key;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string value;
};

// How far of one partition of the log was told.
struct OutletPlace {
  Partition partition;
  Offset next;        // the first entry that was not
  std::string state;  // what the teller needs to go on; text of at most 1 KiB
};

// Thread safety: one thread at a time.
class Outlet {
 public:
  virtual ~Outlet() = default;

  // Hands a message over; it is told of under `ticket`. False: too many are on the way; it was not
  // taken. Messages of one key arrive in the order in which they were taken.
  virtual Result<bool> Send(const OutMessage& message, uint64_t ticket) = 0;

  // The tickets of what arrived since the last call. UNAVAILABLE OUTLET_BROKEN: one did not, or may
  // not have; nothing that was taken after it arrives. Then call Reset, and send anew everything
  // that was not told of.
  virtual Result<std::vector<uint64_t>> Delivered() = 0;

  // Forgets what is on the way; some of it may arrive all the same.
  virtual Result<void> Reset() = 0;

  // The places that were kept, of those partitions that have one. UNAVAILABLE: ask again later.
  virtual Result<std::vector<OutletPlace>> Load() = 0;

  // Keeps places; with `wait` they are kept when it returns. Without, an error of an earlier call
  // is told by a later one.
  virtual Result<void> Keep(const std::vector<OutletPlace>& places, bool wait) = 0;
};

}  // namespace jalon::eventstore
