// How many calls are out, for whoever must not be gone before the last one ended.
#pragma once

#include <cstddef>

#include "eventstore/base/mutex.h"

namespace jalon {

// Thread safety: any thread.
class Outstanding {
 public:
  void Begin() {
    MutexLock lock(mutex_);
    ++count_;
  }
  // The last thing that a call does.
  void End() {
    MutexLock lock(mutex_);
    if (--count_ == 0) none_.notify_all();
  }
  void Wait() {
    MutexLock lock(mutex_);
    lock.Wait(none_, [this]() JALON_REQUIRES(mutex_) { return count_ == 0; });
  }

 private:
  Mutex mutex_;
  Condition none_;
  size_t count_ JALON_GUARDED_BY(mutex_) = 0;
};

}  // namespace jalon
