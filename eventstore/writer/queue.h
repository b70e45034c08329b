// Submissions on their way from any thread to the one that steps the writer.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"
#include "eventstore/writer/application.h"

namespace jalon::eventstore {

// Thread safety: Push from any thread; the rest from the thread that steps the writer.
class SubmissionQueue {
 public:
  // Called by Push, without the lock held, when the queue was empty. Set before the first Push.
  void OnWork(std::function<void()> wake) { wake_ = std::move(wake); }

  // RESOURCE_EXHAUSTED QUEUE_FULL if limits::kQueuedCommandsMax wait already, taken ones included.
  // UNAVAILABLE NOT_SERVING once it is closed.
  Result<void> Push(Submission submission) JALON_EXCLUDES(mutex_);

  // Moves what is queued behind the end of `backlog`. All of `backlog` counts as waiting until the
  // next call.
  void TakeInto(std::deque<Submission>* backlog) JALON_EXCLUDES(mutex_);

  // Refuses what is pushed from now on; what is queued is still to be taken.
  void Close() JALON_EXCLUDES(mutex_);
  bool Empty() const JALON_EXCLUDES(mutex_);

 private:
  std::function<void()> wake_;
  mutable Mutex mutex_;
  bool closed_ JALON_GUARDED_BY(mutex_) = false;
  std::vector<Submission> queued_ JALON_GUARDED_BY(mutex_);
  size_t taken_ JALON_GUARDED_BY(mutex_) = 0;  // in the backlog, at the last call
  std::vector<Submission> moving_;             // keeps its capacity from one swap to the next
};

}  // namespace jalon::eventstore
