// Whether the disk is nearly full, looked at now and then.
//
// Thread safety: any thread.
#pragma once

#include <sys/statvfs.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "eventstore/base/limits.h"

namespace jalon::eventstore::rocks {

class FreeSpace {
 public:
  // `free_bytes` stands in for the file system of `path`, in tests.
  FreeSpace(std::string path, uint64_t floor, std::function<uint64_t()> free_bytes)
      : path_(std::move(path)), floor_(floor), free_bytes_(std::move(free_bytes)) {}

  // Under the floor, as of the last look: at most limits::kFreeSpaceInterval ago.
  bool Low() {
    const int64_t now = std::chrono::steady_clock::now().time_since_epoch() / kInterval;
    if (looked_.exchange(now, std::memory_order_relaxed) != now) low_ = Look() < floor_;
    return low_;
  }

 private:
  static constexpr std::chrono::steady_clock::duration kInterval = limits::kFreeSpaceInterval;

  uint64_t Look() const {
    if (free_bytes_) return free_bytes_();
    struct statvfs disk;
    if (::statvfs(path_.c_str(), &disk) != 0) return 0;
    return uint64_t{disk.f_bavail} * disk.f_frsize;
  }

  const std::string path_;
  const uint64_t floor_;
  const std::function<uint64_t()> free_bytes_;
  std::atomic<int64_t> looked_ = -1;  // in which interval
  std::atomic<bool> low_ = false;
};

}  // namespace jalon::eventstore::rocks
