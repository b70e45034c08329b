// Whether a disk has room enough to go on. RocksDB ends the process with an assertion where a disk
// is full while it opens or closes its files, so that is looked at before, and said in words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"

namespace jalon::node {

// What opening every database of a data folder, or a rebuild between two looks, may write.
inline constexpr uint64_t kRoomToWork = 64 * 1024 * 1024;

// What the disk of a file or folder has free; 0 if that cannot be read.
uint64_t FreeBytes(const std::string& path);

// What all files of a folder hold.
uint64_t SizeOnDisk(const std::string& folder);

// RESOURCE_EXHAUSTED DISK_FULL with how much to free where, if less than `bytes` are free there.
Result<void> NeedFree(const std::string& path, uint64_t bytes, std::string_view to_do_what);

// Says in the server's log when commands are refused because the log's disk is nearly full, again
// every minute while it is, and when it is not any more.
//
// Thread safety: one thread.
class SpaceWatch {
 public:
  // `floor`: what must be free on the disk of `path`.
  SpaceWatch(std::string path, uint64_t floor) : path_(std::move(path)), floor_(floor) {}
  void Look(Micros now);

 private:
  const std::string path_;
  const uint64_t floor_;
  bool low_ = false;
  Micros say_at_{};
};

}  // namespace jalon::node
