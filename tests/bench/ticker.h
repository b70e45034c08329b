// Says on standard error how far something long is: on a terminal in one line, rewritten; else one
// line each ten seconds.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "eventstore/base/mutex.h"

namespace jalon::bench {

// Thread safety: made and destroyed by one thread; `done` is called from another.
class Ticker {
 public:
  // `total` 0: nobody knows.
  Ticker(std::string what, std::function<uint64_t()> done, uint64_t total = 0);
  // Says the last of it.
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  void Run();
  void Say(bool last);

  std::string what_;
  std::function<uint64_t()> done_;
  uint64_t total_;
  bool terminal_;
  int64_t started_us_;
  Mutex mutex_;
  Condition changed_;
  bool over_ JALON_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace jalon::bench
