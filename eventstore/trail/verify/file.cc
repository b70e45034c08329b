#include "eventstore/trail/verify/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace jalon::trail {
namespace {

class Descriptor {
 public:
  explicit Descriptor(const std::string& path)
      : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }

 private:
  int fd_;
};

std::unexpected<Error> NotRead(const std::string& path, int why) {
  return Fail(
      Code::kUnavailable, "NOT_READ",
      fmt::format("{}: {}. Make it readable, or copy the export again.", path, std::strerror(why)));
}

}  // namespace

void WillRead(const std::string& path) {
  const Descriptor file(path);
  if (file.get() >= 0) posix_fadvise(file.get(), 0, 0, POSIX_FADV_WILLNEED);
}

Result<FileRead> ReadInto(const std::string& path, size_t bytes_max, std::string* buffer) {
  const Descriptor file(path);
  if (file.get() < 0 && (errno == ENOENT || errno == ENOTDIR)) return FileRead::kMissing;
  struct stat status{};
  if (file.get() < 0 || fstat(file.get(), &status) != 0) return NotRead(path, errno);
  if (!S_ISREG(status.st_mode)) return FileRead::kMissing;
  const auto size = static_cast<size_t>(status.st_size);
  if (size > bytes_max) return FileRead::kTooLong;
  buffer->resize(size);
  for (size_t done = 0; done < size;) {
    const ssize_t got = read(file.get(), buffer->data() + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return NotRead(path, errno);
    if (got == 0) {  // it was cut meanwhile
      buffer->resize(done);
      break;
    }
    done += static_cast<size_t>(got);
  }
  return FileRead::kWhole;
}

}  // namespace jalon::trail
