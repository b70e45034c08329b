// State rows in memory, for tests and the simulation. What was written since the last Persist can
// be lost, as by a process that dies before RocksDB flushes: always the newest Writes, each whole.
//
// Thread safety: every call may come from any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "eventstore/base/mutex.h"
#include "eventstore/writer/state_store.h"

namespace jalon::eventstore {

class MemoryStateStore final : public StateStore {
 public:
  Result<std::optional<std::string>> Get(Partition partition, std::string_view key) override;
  Result<std::vector<StoredRow>> Scan(Partition partition, std::string_view first,
                                      std::string_view last, size_t rows_max) override;
  Result<void> Write(Partition partition, const std::vector<RowChange>& changes,
                     const StateCheckpoint& checkpoint) override;
  Result<std::optional<StateCheckpoint>> Checkpoint(Partition partition) override;
  Result<void> Clear(Partition partition) override;

  // What is written by now survives every Crash.
  void Persist();
  // How many Writes and Clears a Crash may lose.
  size_t unpersisted() const;
  // Keeps the oldest `kept` of those and loses the rest.
  void Crash(size_t kept);

  // Every call from now on fails with this error, for tests; no reason: none does.
  void FailWith(Error error);

 private:
  struct PartitionRows {
    std::map<std::string, std::string, std::less<>> rows;
    std::optional<StateCheckpoint> checkpoint;
  };
  using Partitions = std::map<Partition, PartitionRows>;
  // One Write or, without a checkpoint, one Clear.
  struct Step {
    Partition partition;
    std::vector<RowChange> changes;
    std::optional<StateCheckpoint> checkpoint;
  };
  static void Apply(const Step& step, Partitions* to);
  Result<void> Take(Step step);

  mutable Mutex mutex_;
  Partitions current_ JALON_GUARDED_BY(mutex_);
  Partitions persisted_ JALON_GUARDED_BY(mutex_);
  std::deque<Step> steps_ JALON_GUARDED_BY(mutex_);  // since persisted_
  Error failure_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::eventstore
