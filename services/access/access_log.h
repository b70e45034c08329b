// The access log of one node: who read what is personal, what was refused to whom, who showed which
// credential. Never part of a school's record; nothing personal is in it.
//
// A thread of its own appends what comes, batch by batch, so that nothing waits for a disk but
// those who read what is personal: they are answered once their entry is handed to the operating
// system.
//
// Bounds: kQueuedMax entries wait at most. Beyond it, and beyond kRefusalsPerSecondMax, refusals
// are only counted, as are those of callers whom no credential names; a count is an entry of its
// own, at most one a minute. Whoever reads what is personal is refused instead. Files are dropped,
// the oldest first, beyond LogBounds: what is left says where it begins (entries.h).
//
// Durability: an entry is handed to the operating system before its reading is answered, and synced
// within kSyncEvery, with the chain's head: a server that is killed loses none, a machine that
// loses its power the last second's at most. A start cuts an end that such a loss left half
// written, and refuses anything else that is not what was synced. Where a sync fails nothing is
// taken any more until the server is started again.
//
// Thread safety: Start and Stop once, from one thread; the rest from any.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/mutex.h"
#include "services/access/entries.h"

namespace jalon::access {

inline constexpr size_t kQueuedMax = 8192;
// The last half of the queue is for those who read what is personal.
inline constexpr size_t kNotedMax = kQueuedMax / 2;
inline constexpr uint32_t kRefusalsPerSecondMax = 200;
inline constexpr std::chrono::seconds kSyncEvery{1};
inline constexpr std::chrono::seconds kCountEvery{60};

// What is kept: the oldest files go beyond either. A file begins anew at segment_bytes_max, and
// when its first entry is segment_age_max old.
struct LogBounds {
  size_t bytes_max = size_t{256} * 1024 * 1024;
  std::chrono::days age_max{5 * 366};
  size_t segment_bytes_max = size_t{1024} * 1024;
  std::chrono::days segment_age_max{30};
};

class AccessLog {
 public:
  struct Parts {
    std::string folder;
    const Clock& clock;  // must outlive the log
    LogBounds bounds = {};
    // Called when appending or syncing begins to fail. May be empty.
    std::function<void(const Error&)> on_fault = {};
  };
  using Done = std::function<void(Result<void>)>;

  // Makes the folder if it is not there. FAILED_PRECONDITION ACCESS_LOG_BROKEN if it is not what
  // was synced; UNAVAILABLE ACCESS_LOG_UNAVAILABLE.
  static Result<std::unique_ptr<AccessLog>> Open(Parts parts);
  ~AccessLog();

  void Start();
  // Appends what waits, and syncs it. What comes later is refused.
  void Stop() JALON_EXCLUDES(mutex_);

  // An entry that nobody waits for. Its seq, previous and time are the log's to set, here as below.
  void Note(v1::AccessEntry entry) JALON_EXCLUDES(mutex_);
  // An entry for whose sake an answer waits: `done` is called once, from this thread or that of the
  // log. UNAVAILABLE ACCESS_LOG_UNAVAILABLE: it was not appended, so the answer must not go out.
  void Record(v1::AccessEntry entry, Done done) JALON_EXCLUDES(mutex_);

  // The entries before that one, the latest first, until `visit` returns false.
  // INTERNAL: an entry that was synced is not what it was; verify the log.
  Result<void> EachBefore(uint64_t seq,
                          const std::function<bool(const v1::AccessEntry&)>& visit) const
      JALON_EXCLUDES(mutex_);
  // The oldest entry that is kept, if some were dropped; else 0.
  uint64_t OldestAfterDrops() const JALON_EXCLUDES(mutex_);
  // Random, of this life of the log in this process: what names a place in it names this too.
  const std::string& life() const { return life_; }

 private:
  struct Segment {
    Link first;            // its first entry's number, and what that names as the one before it
    int64_t begun_at = 0;  // its first entry's time
    size_t bytes = 0;
  };
  struct Waiting {
    v1::AccessEntry entry;
    Done done;  // empty: nobody waits
  };

  explicit AccessLog(Parts parts);

  // Of Open (open.cc): what is there, how far it goes, and an end that is half written cut off.
  Result<void> Load() JALON_EXCLUDES(mutex_);
  Result<void> LoadChain(bool is_new);
  Result<std::vector<Segment>> LoadSegments();
  Result<void> LoadLast(Segment* segment);
  std::unexpected<Error> Broken(const std::string& what) const;

  // Of the thread.
  void Run();
  void Append(std::deque<Waiting> batch, uint64_t counted);
  Result<void> Write(const std::string& bytes);
  Result<void> BeginSegment(int64_t now);
  Result<void> Sync();
  // Says where the log begins before what is older goes.
  Result<void> DropOldest(int64_t now);
  void Tell(const Result<void>& result);

  const Parts parts_;
  const std::string life_;
  std::jthread thread_;

  // The thread's, and Open's before it.
  int file_ = -1;
  Link last_;  // the entry that was appended last
  Chain chain_;
  bool dirty_ = false;
  bool failing_ = false;
  std::optional<Error> lost_;  // a sync failed: what the disk dropped of it nobody can tell
  Micros synced_at_{};
  Micros counted_at_{};

  mutable Mutex mutex_;
  Condition wake_;
  std::deque<Waiting> queue_ JALON_GUARDED_BY(mutex_);
  uint64_t counted_ JALON_GUARDED_BY(mutex_) = 0;
  int64_t second_ JALON_GUARDED_BY(mutex_) = 0;  // in which so many refusals were noted
  uint32_t noted_in_second_ JALON_GUARDED_BY(mutex_) = 0;
  bool ending_ JALON_GUARDED_BY(mutex_) = false;
  std::vector<Segment> segments_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::access
