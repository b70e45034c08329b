#include "eventstore/state/memory_state_store.h"

#include <utility>

namespace jalon::eventstore {

Result<std::optional<std::string>> MemoryStateStore::Get(Partition partition,
                                                         std::string_view key) {
  MutexLock lock(mutex_);
  if (!failure_.reason.empty()) return std::unexpected(failure_);
  const auto& rows = current_[partition].rows;
  const auto row = rows.find(key);
  if (row == rows.end()) return std::nullopt;
  return row->second;
}

Result<std::vector<StoredRow>> MemoryStateStore::Scan(Partition partition, std::string_view first,
                                                      std::string_view last, size_t rows_max) {
  MutexLock lock(mutex_);
  if (!failure_.reason.empty()) return std::unexpected(failure_);
  const auto& rows = current_[partition].rows;
  std::vector<StoredRow> found;
  for (auto row = rows.lower_bound(first);
       row != rows.end() && row->first < last && found.size() < rows_max; ++row) {
    found.push_back({row->first, row->second});
  }
  return found;
}

Result<void> MemoryStateStore::Write(Partition partition, const std::vector<RowChange>& changes,
                                     const StateCheckpoint& checkpoint) {
  return Take({partition, changes, checkpoint});
}

Result<void> MemoryStateStore::Clear(Partition partition) {
  return Take({partition, {}, std::nullopt});
}

Result<void> MemoryStateStore::Take(Step step) {
  MutexLock lock(mutex_);
  if (!failure_.reason.empty()) return std::unexpected(failure_);
  Apply(step, &current_);
  steps_.push_back(std::move(step));
  return {};
}

void MemoryStateStore::Apply(const Step& step, Partitions* to) {
  PartitionRows& partition = (*to)[step.partition];
  if (!step.checkpoint) {
    partition = {};
    return;
  }
  for (const RowChange& change : step.changes) {
    if (change.value) {
      partition.rows[change.key] = *change.value;
    } else {
      partition.rows.erase(change.key);
    }
  }
  partition.checkpoint = step.checkpoint;
}

Result<std::optional<StateCheckpoint>> MemoryStateStore::Checkpoint(Partition partition) {
  MutexLock lock(mutex_);
  if (!failure_.reason.empty()) return std::unexpected(failure_);
  return current_[partition].checkpoint;
}

void MemoryStateStore::Persist() { Crash(SIZE_MAX); }

size_t MemoryStateStore::unpersisted() const {
  MutexLock lock(mutex_);
  return steps_.size();
}

void MemoryStateStore::Crash(size_t kept) {
  MutexLock lock(mutex_);
  for (size_t i = 0; i < kept && i < steps_.size(); ++i) Apply(steps_[i], &persisted_);
  if (kept < steps_.size()) current_ = persisted_;
  steps_.clear();
}

void MemoryStateStore::FailWith(Error error) {
  MutexLock lock(mutex_);
  failure_ = std::move(error);
}

}  // namespace jalon::eventstore
