// The last committed entries, in memory: what followers read while they keep up. Bounded by entries
// and bytes; what falls out is read from disk.
//
// Thread safety: any thread; one of them publishes.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "eventstore/base/mutex.h"
#include "eventstore/log/log.h"
#include "eventstore/log/read_budget.h"

namespace jalon::eventstore::rocks {

// Where a follower of several partitions stands.
struct Cursor {
  static constexpr uint64_t kNotFollowed = UINT64_MAX;
  std::vector<uint64_t> next;  // per partition: the offset it wants
  uint64_t commit = 0;         // the commit number to look at next

  // Whether this entry is wanted; if so, it is counted as read.
  bool Wants(Partition partition, Offset offset) const {
    return offset.value >= next[partition.value] && next[partition.value] != kNotFollowed;
  }
  void Read(Partition partition, Offset offset) { next[partition.value] = offset.value + 1; }
};

class Ring {
 public:
  struct Limits {
    size_t entries_max;
    size_t bytes_max;
  };
  // Empty, behind a log of so many entries, of which `heads` are in each partition.
  Ring(Limits limits, uint64_t next_commit, const std::vector<uint64_t>& heads);

  // Adds the entries of a group, in commit order; durable from now on.
  void Publish(std::vector<StoredEntry>& group) JALON_EXCLUDES(mutex_);

  uint64_t Head(Partition partition) const JALON_EXCLUDES(mutex_);
  uint64_t NextCommit() const JALON_EXCLUDES(mutex_);
  uint32_t PartitionCount() const { return partition_count_; }

  // Appends what the partition has from `first` on. False if `first` has fallen out: read disk.
  bool Read(Partition partition, uint64_t first, ReadBudget& budget,
            std::vector<StoredEntry>* entries) const JALON_EXCLUDES(mutex_);
  // The same for a cursor over several partitions, which moves on.
  bool Read(Cursor& cursor, ReadBudget& budget, std::vector<StoredEntry>* entries) const
      JALON_EXCLUDES(mutex_);

 private:
  struct PartitionState {
    uint64_t head = 0;             // how many entries it has
    std::deque<uint64_t> commits;  // of its entries that are here
    uint64_t First() const { return head - commits.size(); }
  };

  void Evict() JALON_REQUIRES(mutex_);
  bool CaughtUp(const Cursor& cursor) const JALON_REQUIRES(mutex_);
  const StoredEntry& At(uint64_t commit) const JALON_REQUIRES(mutex_) {
    return slots_[commit % slots_.size()];
  }

  const Limits limits_;
  const uint32_t partition_count_;
  mutable Mutex mutex_;
  std::vector<StoredEntry> slots_ JALON_GUARDED_BY(mutex_);  // by commit number, modulo
  uint64_t first_ JALON_GUARDED_BY(mutex_);                  // the oldest here
  uint64_t next_ JALON_GUARDED_BY(mutex_);                   // the next commit number
  size_t bytes_ JALON_GUARDED_BY(mutex_) = 0;
  std::vector<PartitionState> partitions_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::eventstore::rocks
