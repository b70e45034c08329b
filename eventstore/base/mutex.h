// std::mutex with clang's thread-safety annotations: a forgotten lock is an error of ./dev lint.
// The macros carry our name: gRPC's headers define Abseil's under the plain ones.
#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define JALON_THREAD(x) __attribute__((x))
#else
#define JALON_THREAD(x)
#endif
#define JALON_GUARDED_BY(x) JALON_THREAD(guarded_by(x))
#define JALON_REQUIRES(...) JALON_THREAD(requires_capability(__VA_ARGS__))
#define JALON_EXCLUDES(...) JALON_THREAD(locks_excluded(__VA_ARGS__))

namespace jalon {

// What a MutexLock waits on: notify_one, notify_all.
using Condition = std::condition_variable;

class JALON_THREAD(capability("mutex")) Mutex {
 public:
  void Lock() JALON_THREAD(acquire_capability()) { mutex_.lock(); }
  void Unlock() JALON_THREAD(release_capability()) { mutex_.unlock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

class JALON_THREAD(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) JALON_THREAD(acquire_capability(mutex)) : lock_(mutex.mutex_) {}
  ~MutexLock() JALON_THREAD(release_capability()) {}
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  // Waits for a notification, or until `done()`.
  // REQUIRES: the condition's state is guarded by the mutex held.
  template <typename Predicate>
  void Wait(Condition& condition, Predicate done) {
    condition.wait(lock_, done);
  }
  template <typename Duration, typename Predicate>
  bool WaitFor(Condition& condition, Duration duration, Predicate done) {
    return condition.wait_for(lock_, duration, done);
  }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace jalon
