// The access log of one node: who read what is personal, what was refused to whom, who showed which
// credential. Never part of a school's record; nothing personal is in it.
//
// A thread of its own appends what comes, batch by batch, so that nothing waits for a disk but
// those who read what is personal: they are answered once their entry is handed to the operating
// system.
//
// Bounds: kQueuedMax entries wait at most; beyond it whoever reads what is personal is refused.
// Files are dropped, the oldest first, beyond LogBounds: what is left says where it begins
// (entries.h). So that nobody pushes out the record of their own readings by being refused, what
// nobody waits for (a refusal, a begun public feed) has an entry of its own only for the first
// kNotedPerPersonADayMax of a person, a kind and a day (UTC), and within noted_bytes_a_day_max of
// all. What is beyond that, or beyond the queue, is only counted, as are refusals of callers whom
// no credential names; a count is an entry of its own, at most one each kCountEvery. So all of
// these together never take more than half of bytes_max within age_max.
//
// Clock: an age is the difference of two entries' times. A clock that is wrong makes files go too
// early, but by age no more than one each kDropByAgeEvery, and one per start.
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
#include <map>
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
inline constexpr uint32_t kNotedPerPersonADayMax = 100;
inline constexpr std::chrono::seconds kSyncEvery{1};
inline constexpr std::chrono::minutes kCountEvery{15};
inline constexpr size_t kCountBytesMax = 80;  // what one count takes
inline constexpr std::chrono::hours kDropByAgeEvery{24};

// What is kept: the oldest files go beyond either. A file begins anew at segment_bytes_max, and
// when its first entry is segment_age_max old.
struct LogBounds {
  size_t bytes_max = size_t{256} * 1024 * 1024;
  std::chrono::days age_max{5 * 366};
  size_t segment_bytes_max = size_t{1024} * 1024;
  std::chrono::days segment_age_max{30};
  size_t noted_bytes_a_day_max = size_t{64} * 1024;
};

// What refusals, begun feeds and counts can take within age_max.
constexpr size_t NotedBytesMax(const LogBounds& bounds) {
  const size_t counts_a_day = std::chrono::days(1) / kCountEvery;
  return (bounds.noted_bytes_a_day_max + counts_a_day * kCountBytesMax) *
         static_cast<size_t>(bounds.age_max.count());
}
static_assert(NotedBytesMax(LogBounds()) <= LogBounds().bytes_max / 2);

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
  Result<void> DropOldest(int64_t now, bool by_age);
  bool IsTooOld(const Segment& oldest, const Segment& next, int64_t now) const;
  // Whether it is time again to look for what is too old.
  bool IsAgeDue();
  void Tell(const Result<void>& result);

  // Whether there is room for it among those of its day, which it then takes.
  bool TakeRoom(const v1::AccessEntry& entry) JALON_REQUIRES(mutex_);

  const Parts parts_;
  const std::string life_;
  std::jthread thread_;

  // The thread's, and Open's before it.
  int file_ = -1;
  Link last_;  // the entry that was appended last
  int64_t last_at_ = 0;
  Chain chain_;
  bool dirty_ = false;
  bool failing_ = false;
  std::optional<Error> lost_;  // a sync failed: what the disk dropped of it nobody can tell
  Micros synced_at_{};
  Micros counted_at_{};
  std::optional<Micros> aged_at_;  // when what is too old was last looked for

  mutable Mutex mutex_;
  Condition wake_;
  std::deque<Waiting> queue_ JALON_GUARDED_BY(mutex_);
  uint64_t counted_ JALON_GUARDED_BY(mutex_) = 0;
  // Of what nobody waits for, on this day (UTC, since the epoch): how many of each person and kind.
  int64_t day_ JALON_GUARDED_BY(mutex_) = 0;
  size_t noted_bytes_ JALON_GUARDED_BY(mutex_) = 0;
  std::map<std::string, uint32_t> noted_by_ JALON_GUARDED_BY(mutex_);
  bool ending_ JALON_GUARDED_BY(mutex_) = false;
  std::vector<Segment> segments_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::access
