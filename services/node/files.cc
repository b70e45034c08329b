#include "services/node/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace jalon::node {
namespace {

std::unexpected<Error> Unusable(const std::string& path) {
  return Fail(
      Code::kInternal, "DATA_FOLDER_UNUSABLE",
      fmt::format("{}: {}; check that it is there, and this user's", path, std::strerror(errno)));
}

bool SyncFolderOf(const std::string& path) {
  const int folder = open(std::filesystem::path(path).parent_path().c_str(), O_RDONLY | O_CLOEXEC);
  if (folder < 0) return false;
  const bool synced = fsync(folder) == 0;
  close(folder);
  return synced;
}

}  // namespace

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in.good() && !in.eof()) return Unusable(path);
  return text;
}

Result<void> WriteFile(const std::string& path, std::string_view text) {
  const std::string next = path + ".next";
  const int file = open(next.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return Unusable(next);
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fsync(file) == 0;
  if (close(file) != 0 || !written || std::rename(next.c_str(), path.c_str()) != 0 ||
      !SyncFolderOf(path)) {
    return Unusable(path);
  }
  return {};
}

Result<std::unique_ptr<FileLock>> FileLock::Take(const std::string& path) {
  const int file = open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) return Unusable(path);
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    close(file);
    return Fail(Code::kFailedPrecondition, "DATA_IN_USE",
                fmt::format("{} is locked: another jalon serve uses this data folder; stop it, or "
                            "give this one another --data",
                            path));
  }
  return std::unique_ptr<FileLock>(new FileLock(file));
}

FileLock::~FileLock() { close(descriptor_); }

}  // namespace jalon::node
