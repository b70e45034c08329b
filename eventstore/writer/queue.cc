#include "eventstore/writer/queue.h"

#include <utility>

#include "eventstore/base/limits.h"

namespace jalon::eventstore {

Result<void> SubmissionQueue::Push(Submission submission) {
  bool was_empty = false;
  {
    MutexLock lock(mutex_);
    if (closed_) {
      return Fail(Code::kUnavailable, "NOT_SERVING",
                  "the node is stopping; ask another one, or a little later");
    }
    if (queued_.size() + taken_ >= limits::kQueuedCommandsMax) {
      return Fail(Code::kResourceExhausted, "QUEUE_FULL",
                  "too many commands wait for this partition; try again a little later");
    }
    was_empty = queued_.empty();
    queued_.push_back(std::move(submission));
  }
  if (was_empty && wake_) wake_();
  return {};
}

void SubmissionQueue::TakeInto(std::deque<Submission>* backlog) {
  {
    MutexLock lock(mutex_);
    std::swap(queued_, moving_);
    taken_ = backlog->size() + moving_.size();
  }
  for (Submission& submission : moving_) backlog->push_back(std::move(submission));
  moving_.clear();
}

void SubmissionQueue::Close() {
  MutexLock lock(mutex_);
  closed_ = true;
}

bool SubmissionQueue::Empty() const {
  MutexLock lock(mutex_);
  return queued_.empty();
}

}  // namespace jalon::eventstore
