#include "services/node/query_threads.h"

#include <utility>

#include "eventstore/base/thread_name.h"

namespace jalon::node {

QueryThreads::QueryThreads(size_t threads, size_t queued_max) : queued_max_(queued_max) {
  threads_.reserve(threads);
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

QueryThreads::~QueryThreads() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
}

bool QueryThreads::Run(std::function<void()> work) {
  {
    MutexLock lock(mutex_);
    if (queue_.size() >= queued_max_) return false;
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

void QueryThreads::Work() {
  NameThread("queries");
  while (true) {
    std::function<void()> work;
    {
      MutexLock lock(mutex_);
      lock.Wait(wake_, [this]() JALON_REQUIRES(mutex_) { return ending_ || !queue_.empty(); });
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

}  // namespace jalon::node
