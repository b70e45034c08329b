// One follower's wake-up call: owed once each time the follower found nothing, and never after it
// is gone. Both logs of this process share it, so that no wake is lost between them.
//
// Thread safety: any thread.
#pragma once

#include <atomic>
#include <functional>
#include <utility>

#include "eventstore/base/mutex.h"

namespace jalon::eventstore {

class Waker {
 public:
  // Armed from birth: the first entry after Follow wakes.
  explicit Waker(std::function<void()> wake) : wake_(std::move(wake)) {}

  // The follower found nothing. It must look once more after this call: what was published before
  // it does not wake.
  void Arm() { armed_ = true; }
  void Disarm() { armed_ = false; }

  // Something was published. Calls wake if it is owed. REQUIRES: the caller holds no lock.
  void Fire() {
    if (!armed_ || !armed_.exchange(false)) return;
    {
      MutexLock lock(mutex_);
      if (retired_) return;
      ++calls_;
    }
    wake_();
    MutexLock lock(mutex_);
    if (--calls_ == 0) idle_.notify_all();
  }

  // The follower goes: waits for calls under way, then there are no more. REQUIRES: not called from
  // within wake.
  void Retire() {
    MutexLock lock(mutex_);
    retired_ = true;
    lock.Wait(idle_, [this]() JALON_REQUIRES(mutex_) { return calls_ == 0; });
  }

 private:
  const std::function<void()> wake_;
  std::atomic<bool> armed_ = true;
  Mutex mutex_;
  Condition idle_;
  bool retired_ JALON_GUARDED_BY(mutex_) = false;
  int calls_ JALON_GUARDED_BY(mutex_) = 0;
};

// A follower's Poll: where `read` finds nothing the waker is armed, and `read` looks once more,
// since what came in between woke nobody.
template <typename Read>
auto ReadOrArm(Waker& waker, Read read) {
  auto entries = read();
  if (!entries || !entries->empty()) return entries;
  waker.Arm();
  entries = read();
  if (entries && !entries->empty()) waker.Disarm();
  return entries;
}

}  // namespace jalon::eventstore
