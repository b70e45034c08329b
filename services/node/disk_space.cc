#include "services/node/disk_space.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <filesystem>

#include "services/node/json_log.h"

namespace jalon::node {
namespace {

constexpr Micros kSaidAgain = std::chrono::minutes(1);

}  // namespace

uint64_t FreeBytes(const std::string& path) {
  struct statvfs disk{};
  if (statvfs(path.c_str(), &disk) != 0) return 0;
  return uint64_t{disk.f_bavail} * disk.f_frsize;
}

uint64_t SizeOnDisk(const std::string& folder) {
  uint64_t bytes = 0;
  std::error_code gone;  // files come and go while the log runs
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder, gone)) {
    const uint64_t size = file.is_regular_file(gone) ? file.file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  return bytes;
}

Result<void> NeedFree(const std::string& path, uint64_t bytes, std::string_view to_do_what) {
  const uint64_t free = FreeBytes(path);
  if (free >= bytes) return {};
  return Fail(Code::kResourceExhausted, "DISK_FULL",
              fmt::format("the disk of {} has {} bytes free, of the {} needed {}: free {} bytes "
                          "there, then try again",
                          path, free, bytes, to_do_what, bytes - free));
}

void SpaceWatch::Look(Micros now) {
  const uint64_t free = FreeBytes(path_);
  const bool low = free < floor_;
  if (low == low_ && (!low || now < say_at_)) return;
  low_ = low;
  say_at_ = now + kSaidAgain;
  if (low) {
    Log(Level::kError, "the log's disk is nearly full: no command is taken until more is free",
        {{"path", path_},
         {"free_bytes", free},
         {"needed_bytes", floor_},
         {"to_free_bytes", floor_ - free}});
  } else {
    Log(Level::kInfo, "the log's disk has room again", {{"path", path_}, {"free_bytes", free}});
  }
}

}  // namespace jalon::node
