// The door for FeedService.WatchEvents: token, parse, check, grants, then a stream of the feed
// until the caller goes, the token expires, the grant ends or the server does. Whether token and
// grants still hold is looked at before anything is sent: a stream to which nothing is sent keeps
// its place until its connection's age ends it.
//
// A stream has one write under way at a time and reads on once that is done: a consumer that is
// slow holds up nobody, and costs one batch; one that takes nothing for kFeedWriteMax is cancelled.
// That a stream began is an entry of the access log. Streams are bounded, all in all and for each
// person.
//
// Thread safety: any thread. If the process dies here, nothing happened: a consumer goes on from
// its last position.
#pragma once

#include <chrono>
#include <functional>

#include "eventstore/base/clock.h"
#include "eventstore/log/genesis.h"
#include "eventstore/log/log.h"
#include "services/access/access_log.h"
#include "services/api/method_table.h"
#include "services/api/open_streams.h"
#include "services/api/placement.h"
#include "services/api/queries/frame.h"
#include "services/api/queries/reader.h"
#include "services/api/raw_service.h"
#include "services/token/cache.h"

namespace jalon::api {

inline constexpr size_t kFeedStreamsMax = 64;
inline constexpr size_t kFeedStreamsPerPersonMax = 8;
inline constexpr std::chrono::minutes kFeedWriteMax{5};

class FeedDoor {
 public:
  // All must outlive the door and every call in it.
  struct Parts {
    const Clock& clock;       // the one that dates are read from
    const Clock& real_clock;  // of tokens
    token::Cache& tokens;
    const Placement& placement;
    Views& views;  // of the grants
    eventstore::Log& log;
    const eventstore::Birth& birth;
    // Must never refuse: kFeedStreamsMax pieces of work wait at most.
    Executor run;
    // Called with what is wrong inside; may be empty.
    std::function<void(const Error&)> on_fault = {};
    access::AccessLog* access = nullptr;    // null: none is kept here
    const OwnWrites* own_writes = nullptr;  // null: no grant is waited for
    std::chrono::milliseconds write_max = kFeedWriteMax;
  };
  explicit FeedDoor(Parts parts) : parts_(std::move(parts)) {}

  // The handler of the method. `spec` must outlive it.
  RawStreamHandler HandlerOf(const StreamSpec& spec);

  // Ends every stream; one that comes later ends at once.
  void EndStreams() { streams_.EndAll(); }

 private:
  friend class FeedStream;

  const Parts parts_;
  OpenStreams streams_{kFeedStreamsMax};
};

}  // namespace jalon::api
