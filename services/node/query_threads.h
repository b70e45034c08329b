// The threads that answer queries whose views have just reached the position they waited for: the
// one that folds has other things to do.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "eventstore/base/mutex.h"

namespace jalon::node {

// A step of the fold may let many go at once, and one query takes far less than a millisecond.
inline constexpr size_t kQueryThreads = 4;
inline constexpr size_t kQueriesQueuedMax = 4096;

// Thread safety: Run from any thread.
class QueryThreads {
 public:
  explicit QueryThreads(size_t threads = kQueryThreads, size_t queued_max = kQueriesQueuedMax);
  // Does what is queued first.
  ~QueryThreads();

  // False if too much is queued: then `work` is dropped.
  bool Run(std::function<void()> work);

 private:
  void Work();

  const size_t queued_max_;
  Mutex mutex_;
  Condition wake_;
  std::deque<std::function<void()>> queue_ JALON_GUARDED_BY(mutex_);
  bool ending_ JALON_GUARDED_BY(mutex_) = false;
  std::vector<std::jthread> threads_;  // last: they use everything above
};

}  // namespace jalon::node
