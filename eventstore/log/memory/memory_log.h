// A log in memory, for unit tests and for the deterministic simulation: it can be told to lose,
// tear, duplicate, reorder, delay and truncate. Several writers may share it.
//
// Without a fault plan every append is durable when it returns, and followers are woken from within
// it. With one, an entry is durable once the clock has reached its time and Step was called: that
// alone wakes followers, so one thread and one seed replay a run exactly.
//
// Thread safety: every call may come from any thread.
// Durability: none; what was durable stays until Truncate.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/mutex.h"
#include "eventstore/log/genesis.h"
#include "eventstore/log/log.h"
#include "eventstore/log/memory/fault_plan.h"
#include "eventstore/log/waker.h"

namespace jalon::eventstore {

class MemoryLog final : public Log {
 public:
  // A log without faults, born with a genesis in every partition.
  explicit MemoryLog(const Birth& birth);
  // The same, each partition beginning with its genesis of these.
  explicit MemoryLog(const std::vector<log::v1::Genesis>& geneses);
  // The first one under a fault plan. `clock.Monotonic()` is the virtual time; `random` returns 64
  // uniform bits. The clock must outlive the log.
  MemoryLog(const Birth& birth, const FaultPlan& plan, const Clock& clock,
            std::function<uint64_t()> random);
  ~MemoryLog() override;

  Result<void> Append(Partition partition, std::vector<Blob> entries) override;
  Result<std::vector<StoredEntry>> ReadFrom(Partition partition, Offset first,
                                            ReadLimit limit) override;
  Result<std::unique_ptr<Follower>> Follow(std::vector<Start> from,
                                           std::function<void()> wake) override;
  Result<Offset> Head(Partition partition) override;

  // Makes durable what is due by now, and wakes followers.
  void Step();
  // When the next pending entry is due; nothing if none is pending.
  std::optional<Micros> NextDue() const;

  // Another plan from now on; pending entries keep their times.
  void SetPlan(const FaultPlan& plan);
  // An entry of anybody's making, durable at once.
  void Forge(Partition partition, Blob bytes);
  // Each pending entry of the partition is lost with this probability: its appender crashed, or
  // the log did (1.0).
  void LosePending(Partition partition, double probability);
  // Durable entries from `from` on are gone; the next append takes that offset. A follower that had
  // read further is told so by its next Poll (DATA_LOSS PARTITION_DIVERGED, once, then silence), or
  // is not, as librdkafka does when new entries arrive first.
  enum class Notice { kTold, kSilent };
  void Truncate(Partition partition, Offset from, Notice notice);

  FaultCounts Counts() const;

 private:
  class MemoryFollower;
  struct Cursor;  // a follower's place
  using Wakers = std::vector<std::shared_ptr<Waker>>;
  struct PartitionState {
    std::vector<Blob> durable;
    std::multimap<Micros, Blob> pending;  // by when they are due; equal times keep their order
    Micros last_due{0};
  };

  MemoryLog(const std::vector<log::v1::Genesis>& geneses, const FaultPlan& plan, const Clock* clock,
            std::function<uint64_t()> random);
  Result<PartitionState*> At(Partition partition) JALON_REQUIRES(mutex_);
  bool Happens(double probability) JALON_REQUIRES(mutex_);
  Micros Delay() JALON_REQUIRES(mutex_);
  void TakeWithFaults(PartitionState& state, const Blob& bytes) JALON_REQUIRES(mutex_);
  Wakers WakersOf(Partition partition) JALON_REQUIRES(mutex_);

  const Clock* const clock_;  // null without a plan
  mutable Mutex mutex_;
  const std::function<uint64_t()> random_;
  FaultPlan plan_ JALON_GUARDED_BY(mutex_);
  FaultCounts counts_ JALON_GUARDED_BY(mutex_);
  std::vector<PartitionState> partitions_ JALON_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<Cursor>> cursors_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::eventstore
