// The feed of some schools read from the log: for a consumer that is sent it, and goes on later
// from a position.
//
// A position needs no secret and no memory of the server: it names, for each partition, the last
// record read, by offset and hash, from which the place in the chain of hashes is found again. Any
// node of the log takes it.
//
// Thread safety: one thread at a time; `wake` comes from any.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "eventstore/log/genesis.h"
#include "eventstore/log/log.h"
#include "projections/feed/feed.h"

namespace jalon::projections {

// How much is read at a time: about a quarter of a message of gRPC's default limit.
inline constexpr size_t kWatchEntriesMax = 256;
inline constexpr size_t kWatchBytesMax = 512 * 1024;
inline constexpr size_t kWatchPositionBytesMax = 16 * 1024;

struct WatchWish {
  std::map<Bytes, Partition> schools{};  // by id, 16 bytes: where each is kept
  std::string position{};                // empty: from the first event on
  std::map<Bytes, std::string> after{};  // by school: the last sequence that is known
  bool until_now = false;
};

struct WatchedBatch {
  std::vector<FeedRecord> records;
  bool read = false;  // entries, wanted or not: there may be more at once
  bool done = false;  // until_now, and that is reached
};

class Watch {
 public:
  // INVALID_ARGUMENT FIELD_INVALID of a position that is none; FAILED_PRECONDITION
  // POSITION_FROM_ANOTHER_LOG of one from another life of the log. Both references must outlive it.
  static Result<std::unique_ptr<Watch>> Open(eventstore::Log& log, const eventstore::Birth& birth,
                                             WatchWish wish, std::function<void()> wake);

  // What comes next; nothing if there is nothing yet. Errors of the log, and as ReadFeed.
  Result<WatchedBatch> Next();

  // Lets go of what reading holds of the log, until Next: while nobody takes what was read.
  void Rest() { follower_.reset(); }

  // After all that Next gave.
  std::string Position() const;

 private:
  struct Lane {
    Cursor cursor;
    Offset next;  // to be read
    Offset end;   // of until_now
    Offset last_record;
    Hash last_hash{};
    bool has_record = false;
  };

  Watch(eventstore::Log& log, const eventstore::Birth& birth, WatchWish wish,
        std::function<void()> wake)
      : log_(log), birth_(birth), wish_(std::move(wish)), wake_(std::move(wake)) {}
  Result<void> Begin();
  Result<void> Follow();
  bool IsWanted(const FeedRecord& record) const;
  bool IsDone() const;

  eventstore::Log& log_;
  const eventstore::Birth birth_;
  const WatchWish wish_;
  const std::function<void()> wake_;
  std::map<std::string, std::string, std::less<>> last_;  // by source: the sequence to go on after
  std::map<uint32_t, Lane> lanes_;                        // by partition
  std::unique_ptr<eventstore::Follower> follower_;        // null: to be made from the lanes
};

}  // namespace jalon::projections
