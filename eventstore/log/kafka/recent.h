// The last entries of each partition, in memory, and how far they may be seen: what followers read
// while they keep up.
//
// An entry that came from the brokers is not yet one that may be acted upon. While records of this
// node are on their way in a partition, only what their delivery reports vouch for is visible: all
// replicas in sync have it. After a report that failed, nothing more is, until a later one succeeds
// or the partition is seen with enough replicas in sync: what a reader gets from a broker is then
// on each of them (commit-protocol §3: counted, and delivered).
//
// Thread safety: any thread; one of them publishes.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "eventstore/base/mutex.h"
#include "eventstore/log/log.h"
#include "eventstore/log/read_budget.h"

namespace jalon::eventstore::kafka {

// DATA_LOSS PARTITION_DIVERGED: what comes next is not the entry at that offset, but a later one.
Error Missing(Partition partition, uint64_t offset);

class Recent {
 public:
  struct Limits {
    size_t entries_max;
    size_t bytes_max;
  };
  // Empty; the first entry that comes of each partition has the offset in `begins`.
  Recent(Limits limits, const std::vector<uint64_t>& begins);

  uint32_t PartitionCount() const { return count_; }

  // Adds entries as they came, of any partitions. Returns those of which more became visible, or
  // that diverged: one is missing in between. Whoever waits for them is to be woken; so after the
  // next four, where they return true.
  std::vector<Partition> Publish(std::vector<StoredEntry> entries) JALON_EXCLUDES(mutex_);
  // The delivery report of a record handed over: it is at that offset.
  bool Delivered(Partition partition, Offset offset) JALON_EXCLUDES(mutex_);
  // The same of one that may be there, or not.
  bool Undelivered(Partition partition) JALON_EXCLUDES(mutex_);
  // How often a report failed so far, by partition.
  std::vector<uint64_t> Doubts() const JALON_EXCLUDES(mutex_);
  // Enough replicas are in sync, as was asked when Doubts said so much of the partition: of what
  // failed since, that says nothing.
  bool Trust(Partition partition, uint64_t doubts) JALON_EXCLUDES(mutex_);
  // The log lost or changed what was read: readers are told from now on. The first error stands.
  void Diverge(Partition partition, Error error) JALON_EXCLUDES(mutex_);

  // A record of this node is on its way.
  void HandedOver(Partition partition) JALON_EXCLUDES(mutex_);

  std::optional<Error> Fault(Partition partition) const JALON_EXCLUDES(mutex_);
  // The offset after the last entry that may be seen, and after the last that came.
  uint64_t Visible(Partition partition) const JALON_EXCLUDES(mutex_);
  uint64_t End(Partition partition) const JALON_EXCLUDES(mutex_);
  // Waits until everything before `end` came, at most so long; then Visible. Nothing: it did not,
  // or diverged.
  std::optional<uint64_t> AwaitVisible(Partition partition, uint64_t end,
                                       std::chrono::milliseconds patience) JALON_EXCLUDES(mutex_);
  // The oldest entry that is here; the partition's end if none is.
  uint64_t First(Partition partition) const JALON_EXCLUDES(mutex_);
  // The last visible entry; nothing if none came since this was made.
  std::optional<StoredEntry> Last(Partition partition) const JALON_EXCLUDES(mutex_);

  // Appends what the partition has from `first` on. False if `first` is older than what is here:
  // ask the brokers.
  bool Read(Partition partition, uint64_t first, ReadBudget& budget,
            std::vector<StoredEntry>* entries) const JALON_EXCLUDES(mutex_);

 private:
  struct State {
    std::deque<StoredEntry> entries;  // those up to `end`
    uint64_t end = 0;                 // of what came
    uint64_t visible = 0;
    uint64_t delivered = 0;  // up to here delivery reports vouch
    uint64_t on_the_way = 0;
    uint64_t doubts = 0;
    bool in_doubt = false;
    std::optional<StoredEntry> last;  // visible; stays when it is evicted
    std::optional<Error> fault;

    uint64_t First() const { return end - entries.size(); }
  };

  State& At(Partition partition) JALON_REQUIRES(mutex_) { return states_[partition.value]; }
  const State& At(Partition partition) const JALON_REQUIRES(mutex_) {
    return states_[partition.value];
  }
  // Whether more became visible.
  bool Show(State& state) JALON_REQUIRES(mutex_);
  void Evict() JALON_REQUIRES(mutex_);

  const Limits limits_;
  const uint32_t count_;
  mutable Mutex mutex_;
  Condition came_;
  std::vector<State> states_ JALON_GUARDED_BY(mutex_);
  std::deque<uint32_t> order_ JALON_GUARDED_BY(mutex_);  // the partitions of all entries, as came
  size_t bytes_ JALON_GUARDED_BY(mutex_) = 0;
};

}  // namespace jalon::eventstore::kafka
