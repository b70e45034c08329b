#include "tests/bench/ticker.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "eventstore/base/clock.h"

namespace jalon::bench {

Ticker::Ticker(std::string what, std::function<uint64_t()> done, uint64_t total)
    : what_(std::move(what)),
      done_(std::move(done)),
      total_(total),
      terminal_(isatty(STDERR_FILENO) != 0),
      started_us_(SystemClock().Monotonic().count()),
      thread_([this] { Run(); }) {}

Ticker::~Ticker() {
  {
    MutexLock lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  thread_.join();
  Say(true);
}

void Ticker::Run() {
  const auto pause = terminal_ ? std::chrono::milliseconds(500) : std::chrono::seconds(10);
  MutexLock lock(mutex_);
  while (!lock.WaitFor(changed_, pause, [this]() JALON_REQUIRES(mutex_) { return over_; })) {
    Say(false);
  }
}

void Ticker::Say(bool last) {
  const auto seconds = static_cast<double>(SystemClock().Monotonic().count() - started_us_) / 1e6;
  const uint64_t done = done_();
  std::string line = fmt::format("{}: {}", what_, done);
  if (total_ != 0) line += fmt::format(" of {}", total_);
  line += fmt::format(", {:.0f} s", seconds);
  if (total_ != 0 && done != 0 && done < total_) {
    line += fmt::format(", {:.0f} s to go",
                        seconds * static_cast<double>(total_ - done) / static_cast<double>(done));
  }
  // Blanks cover what a longer line left.
  fmt::print(stderr, "{}{}{}", terminal_ ? "\r" : "", line,
             terminal_ && !last ? "    "
             : terminal_        ? "    \n"
                                : "\n");
}

}  // namespace jalon::bench
