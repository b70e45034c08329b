// The operator's calls that the demonstration and the benchmarks make: time and rebuilds.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

namespace jalon::demo {

class Admin {
 public:
  // `target`: "unix:<data folder>/admin.sock".
  explicit Admin(const std::string& target);
  ~Admin();

  // Asks the server for its time. False if it does not answer.
  bool Refresh();
  // Moves a virtual clock to 08:00 of a date. False if refused; `fault()` says why.
  bool AdvanceTo(uint32_t on);
  // Rebuilds all views; `on_progress` is told records done and in all. False if it failed.
  bool RebuildViews(const std::function<void(uint64_t done, uint64_t total)>& on_progress);

  // The partitions that the server owns and that hold anything; empty if it does not answer.
  std::set<uint32_t> Owned();

  uint64_t NowMs() const;  // the server's time, milliseconds since the Unix epoch
  uint32_t today_on() const { return today_on_; }  // the server's date, yyyymmdd
  const std::string& fault() const { return fault_; }

 private:
  struct Shared;
  std::unique_ptr<Shared> shared_;
  uint64_t now_ms_ = 0;
  uint64_t read_at_ms_ = 0;  // of the machine's monotonic clock
  uint32_t today_on_ = 0;
  std::string fault_;
};

}  // namespace jalon::demo
