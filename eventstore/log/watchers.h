// Who wants to be woken for which partition.
//
// Thread safety: any thread.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/mutex.h"
#include "eventstore/log/waker.h"

namespace jalon::eventstore {

class Watchers {
 public:
  explicit Watchers(size_t partition_count) : by_partition_(partition_count) {}

  void Add(Partition partition, std::shared_ptr<Waker> waker) JALON_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    by_partition_[partition.value].push_back(std::move(waker));
  }
  void Remove(Partition partition, const std::shared_ptr<Waker>& waker) JALON_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    std::erase(by_partition_[partition.value], waker);
  }
  // Adds to `wakers` those of the partition.
  void Collect(Partition partition, std::vector<std::shared_ptr<Waker>>* wakers) const
      JALON_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    const auto& watching = by_partition_[partition.value];
    wakers->insert(wakers->end(), watching.begin(), watching.end());
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::vector<std::shared_ptr<Waker>>> by_partition_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::eventstore
