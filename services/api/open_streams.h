// Calls that stay open until somebody ends them, so that a server that ends can.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "eventstore/base/mutex.h"

namespace jalon::api {

// gRPC calls a stream back until its OnDone, which removes it from where it is kept.
class OpenStream {
 public:
  virtual ~OpenStream() = default;
  // Ends the call soon; more than once, and also where it is over.
  virtual void End() = 0;
};

// Keeps streams alive while they are open.
//
// Thread safety: every call may come from any thread.
class OpenStreams {
 public:
  explicit OpenStreams(size_t most = SIZE_MAX) : most_(most) {}

  // Ends it at once if the server ends. False if there are too many: then it is not kept.
  bool Add(const std::shared_ptr<OpenStream>& stream) {
    {
      MutexLock lock(mutex_);
      if (streams_.size() >= most_) return false;
      streams_.insert(stream);
      if (!ending_) return true;
    }
    stream->End();
    return true;
  }

  void Remove(OpenStream* stream) {
    std::shared_ptr<OpenStream> last;  // goes without the lock
    MutexLock lock(mutex_);
    for (auto at = streams_.begin(); at != streams_.end(); ++at) {
      if (at->get() != stream) continue;
      last = *at;
      streams_.erase(at);
      return;
    }
  }

  void EndAll() {
    for (const auto& stream : Take(/*ending=*/true)) stream->End();
  }

  // Those that are open now.
  std::vector<std::shared_ptr<OpenStream>> All() { return Take(/*ending=*/false); }

 private:
  std::vector<std::shared_ptr<OpenStream>> Take(bool ending) {
    MutexLock lock(mutex_);
    ending_ |= ending;
    return {streams_.begin(), streams_.end()};
  }

  const size_t most_;
  Mutex mutex_;
  std::set<std::shared_ptr<OpenStream>> streams_ JALON_GUARDED_BY(mutex_);
  bool ending_ JALON_GUARDED_BY(mutex_) = false;
};

}  // namespace jalon::api
