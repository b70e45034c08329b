#include "services/cli/write_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

namespace jalon::cli {
namespace {

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

bool IsTaken(const std::string& path, Output& output) {
  output.err << output.Say({"jalon: {} is already there: give another name\n",
                            "jalon : {} existe déjà : donnez un autre nom\n"},
                           path);
  return false;
}

}  // namespace

bool IsFree(const std::string& path, Output& output) {
  std::error_code none;
  return !std::filesystem::exists(path, none) || IsTaken(path, output);
}

bool WriteNew(const std::string& path, std::string_view bytes, Output& output) {
  if (!IsFree(path, output)) return false;
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.flush().good()) return true;
  output.err << output.Say({"jalon: {} cannot be written\n", "jalon : {} ne peut pas être écrit\n"},
                           path);
  return false;
}

bool WritePrivate(const std::string& path, std::string_view bytes, Output& output) {
  const int fd = open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST) return IsTaken(path, output);
  const bool written = fd >= 0 && WriteAll(fd, bytes);
  if (fd >= 0 && close(fd) == 0 && written) return true;
  if (fd >= 0) unlink(path.c_str());
  output.err << output.Say({"jalon: {} cannot be written\n", "jalon : {} ne peut pas être écrit\n"},
                           path);
  return false;
}

}  // namespace jalon::cli
