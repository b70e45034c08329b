// A folder of a test's own, gone with it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>

namespace jalon::eventstore::testing {

class TempFolder {
 public:
  // kInMemory: where the system has such a place, so that a sync costs nothing.
  enum Where { kOnDisk, kInMemory };
  explicit TempFolder(Where where = kOnDisk) {
    static std::atomic<int> count = 0;
    const bool in_memory = where == kInMemory && std::filesystem::is_directory("/dev/shm");
    path_ = (in_memory ? "/dev/shm/" : ::testing::TempDir()) + "jalon_log_" +
            std::to_string(::getpid()) + "_" + std::to_string(++count);
    std::filesystem::create_directories(path_);
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace jalon::eventstore::testing
