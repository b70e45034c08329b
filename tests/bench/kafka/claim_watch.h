// Reads the log beside the nodes, and notes when each claim of a partition was there to be read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"
#include "eventstore/log/log.h"
#include "tests/bench/kafka/kafka_words.h"

namespace jalon::bench {

struct SeenClaim {
  Partition partition;
  std::string node;
  Seq base;     // of the last record before it
  Micros at{};  // of this machine's monotonic clock
};

// Thread safety: any thread.
class ClaimWatch {
 public:
  // Those that come from now on to a log that is there.
  static Result<std::unique_ptr<ClaimWatch>> Start(const Place& log, uint32_t partitions);
  ~ClaimWatch();

  // The first claim of the partition by another node than `but`, not before `from`.
  std::optional<SeenClaim> First(Partition partition, const std::string& but, Micros from);
  // What went wrong with reading; from then on nothing is seen.
  std::optional<Error> failed();

 private:
  ClaimWatch() = default;
  void Run(const std::stop_token& stop);

  const SystemClock clock_;
  std::unique_ptr<eventstore::Log> log_;
  std::unique_ptr<eventstore::Follower> follower_;
  Mutex mutex_;
  Condition changed_;
  bool more_ JALON_GUARDED_BY(mutex_) = true;
  std::vector<SeenClaim> claims_ JALON_GUARDED_BY(mutex_);
  std::optional<Error> failed_ JALON_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace jalon::bench
