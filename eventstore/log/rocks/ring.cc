#include "eventstore/log/rocks/ring.h"

#include <algorithm>
#include <utility>

#include "eventstore/base/check.h"

namespace jalon::eventstore::rocks {

Ring::Ring(Limits limits, uint64_t next_commit, const std::vector<uint64_t>& heads)
    : limits_(limits),
      partition_count_(static_cast<uint32_t>(heads.size())),
      slots_(limits.entries_max),
      first_(next_commit),
      next_(next_commit) {
  JALON_CHECK(limits.entries_max > 0);
  partitions_.resize(heads.size());
  for (size_t p = 0; p < heads.size(); ++p) partitions_[p].head = heads[p];
}

void Ring::Publish(std::vector<StoredEntry>& group) {
  MutexLock lock(mutex_);
  for (StoredEntry& entry : group) {
    PartitionState& state = partitions_[entry.partition.value];
    JALON_CHECK(entry.offset.value == state.head);
    if (next_ - first_ == slots_.size()) Evict();
    bytes_ += entry.bytes->size();
    ++state.head;
    state.commits.push_back(next_);
    slots_[next_ % slots_.size()] = std::move(entry);
    ++next_;
  }
  while (bytes_ > limits_.bytes_max) Evict();
}

void Ring::Evict() {
  StoredEntry& oldest = slots_[first_ % slots_.size()];
  bytes_ -= oldest.bytes->size();
  partitions_[oldest.partition.value].commits.pop_front();
  oldest.bytes.reset();
  ++first_;
}

uint64_t Ring::Head(Partition partition) const {
  MutexLock lock(mutex_);
  return partitions_[partition.value].head;
}

uint64_t Ring::NextCommit() const {
  MutexLock lock(mutex_);
  return next_;
}

bool Ring::Read(Partition partition, uint64_t first, ReadBudget& budget,
                std::vector<StoredEntry>* entries) const {
  MutexLock lock(mutex_);
  const PartitionState& state = partitions_[partition.value];
  if (first >= state.head) return true;
  if (first < state.First()) return false;
  for (uint64_t i = first - state.First(); i < state.commits.size(); ++i) {
    const StoredEntry& entry = At(state.commits[i]);
    if (!budget.Take(entry.bytes->size())) break;
    entries->push_back(entry);
  }
  return true;
}

// Nothing that the cursor wants is older than the ring.
bool Ring::CaughtUp(const Cursor& cursor) const {
  for (size_t p = 0; p < partitions_.size(); ++p) {
    if (cursor.next[p] < partitions_[p].First()) return false;
  }
  return true;
}

bool Ring::Read(Cursor& cursor, ReadBudget& budget, std::vector<StoredEntry>* entries) const {
  MutexLock lock(mutex_);
  if (cursor.commit < first_) {
    if (!CaughtUp(cursor)) return false;
    cursor.commit = first_;
  }
  for (; cursor.commit < next_; ++cursor.commit) {
    const StoredEntry& entry = At(cursor.commit);
    if (!cursor.Wants(entry.partition, entry.offset)) continue;
    if (!budget.Take(entry.bytes->size())) break;
    entries->push_back(entry);
    cursor.Read(entry.partition, entry.offset);
  }
  return true;
}

}  // namespace jalon::eventstore::rocks
