// Makes what is handed over durable: one thread takes all that waits, writes it as one batch with
// one fsync, publishes it and wakes followers. Callers never wait for a sync: they fill the queue
// of the next group meanwhile.
//
// If the process dies: queued or taken, the entries are gone, and nobody was told otherwise; within
// the write, the whole group is there after a restart or none of it; from then on it is durable,
// seen by followers or not.
//
// Thread safety: any thread.
#pragma once

#include <rocksdb/write_batch.h>

#include <memory>
#include <thread>
#include <vector>

#include "eventstore/base/mutex.h"
#include "eventstore/log/log.h"
#include "eventstore/log/rocks/database.h"
#include "eventstore/log/rocks/extent.h"
#include "eventstore/log/rocks/options.h"
#include "eventstore/log/rocks/ring.h"
#include "eventstore/log/rocks/stats.h"
#include "eventstore/log/rocks/witness.h"
#include "eventstore/log/watchers.h"

namespace jalon::eventstore::rocks {

class Committer {
 public:
  // All references outlive it. Starts the thread.
  Committer(Database& database, Witness& witness, Ring& ring, const Watchers& watchers,
            Counters& counters, const Extent& extent, std::function<void(CommitPoint)> at_point);
  // Commits what is queued, then ends the thread.
  ~Committer();

  void HandOver(Partition partition, std::vector<Blob> entries) JALON_EXCLUDES(mutex_);

 private:
  struct Append {
    Partition partition;
    std::vector<Blob> entries;
  };

  void Loop();
  bool Take(std::vector<Append>* taken) JALON_EXCLUDES(mutex_);
  size_t Gather(std::vector<Append>& taken, size_t from);
  void Commit();
  void At(CommitPoint point) {
    if (at_point_) at_point_(point);
  }

  Database& database_;
  Witness& witness_;
  Ring& ring_;
  const Watchers& watchers_;
  Counters& counters_;
  const std::function<void(CommitPoint)> at_point_;

  Mutex mutex_;
  Condition more_;
  std::vector<Append> queue_ JALON_GUARDED_BY(mutex_);
  bool waiting_ JALON_GUARDED_BY(mutex_) = false;
  bool ending_ JALON_GUARDED_BY(mutex_) = false;

  // The thread's own; kept between groups so that nothing is allocated for one.
  uint64_t next_commit_;
  std::vector<uint64_t> heads_;              // per partition
  std::vector<std::vector<Append*>> parts_;  // per partition: its appends in this group
  std::vector<Partition> touched_;
  rocksdb::WriteBatch batch_;
  std::vector<StoredEntry> group_;
  size_t group_bytes_ = 0;
  std::vector<std::shared_ptr<Waker>> wakers_;

  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace jalon::eventstore::rocks
