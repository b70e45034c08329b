// A client of several nodes that writes to each school all the time, one command after the other,
// each sent again with the same request id until it is answered; and what it saw.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/mutex.h"
#include "services/client/client.h"

namespace jalon::bench {

// Moments are of this machine's monotonic clock. Thread safety: one thread.
class SteadyClient {
 public:
  // `coordinators`: one of each school, which has its first programme.
  explicit SteadyClient(std::vector<client::Client> coordinators);
  ~SteadyClient();

  // When the school was first acknowledged a record after this one, of what is remembered.
  std::optional<Micros> FirstAcked(size_t school, Seq after);
  // When a call to any school first failed; none did: nothing.
  std::optional<Micros> FirstFailed();
  // Median of those calls that were answered the first time; 0: none was.
  Micros MedianAnswer();
  uint64_t acked();
  void Forget();

 private:
  struct Acked {
    Seq seq;
    Micros at{};
  };
  void Run(size_t school, const std::stop_token& stop);
  // Whether it was answered, be it by a refusal.
  bool Try(size_t school, const std::string& id, uint64_t number, bool again);

  const std::vector<client::Client> coordinators_;
  const SystemClock clock_;
  Mutex mutex_;
  std::vector<std::vector<Acked>> acked_ JALON_GUARDED_BY(mutex_);  // by school
  std::optional<Micros> failed_ JALON_GUARDED_BY(mutex_);
  std::vector<Micros> answers_ JALON_GUARDED_BY(mutex_);
  uint64_t acked_count_ JALON_GUARDED_BY(mutex_) = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace jalon::bench
