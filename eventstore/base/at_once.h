// Several pieces of work at once, for what waits for answers from elsewhere rather than for a core.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <optional>
#include <thread>
#include <vector>

#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"

namespace jalon {

// Calls work(0) … work(count - 1), each once, at most `at_once` of them at a time, on threads of
// its own; returns when all that began have ended. After an error no more begin; one of the errors
// is returned. `work` must be safe to call from several threads.
template <typename Work>
Result<void> ForEachAtOnce(size_t count, size_t at_once, Work work) {
  std::atomic<size_t> next = 0;
  Mutex mutex;
  std::optional<Error> failed;
  {
    std::vector<std::jthread> threads;
    threads.reserve(std::min(at_once, count));
    while (threads.size() < std::min(at_once, count)) {
      threads.emplace_back([&] {
        for (size_t i = next++; i < count; i = next++) {
          const Result<void> done = work(i);
          if (done) continue;
          next = count;
          MutexLock lock(mutex);
          failed = done.error();
        }
      });
    }
  }
  if (failed) return std::unexpected(*failed);
  return {};
}

}  // namespace jalon
