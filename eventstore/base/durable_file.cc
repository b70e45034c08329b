#include "eventstore/base/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace jalon {
namespace {

std::error_code LastError() { return {errno, std::generic_category()}; }

std::string FolderOf(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

// Writes, syncs and closes.
std::error_code Fill(int file, std::string_view bytes) {
  std::error_code failed;
  while (!failed && !bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      failed = LastError();
    }
  }
  if (!failed && ::fsync(file) != 0) failed = LastError();
  if (::close(file) != 0 && !failed) failed = LastError();
  return failed;
}

std::error_code MoveUnlessThere(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno != EINVAL) return LastError();
  // The file system cannot (NFS): a second name, then not the first one any more.
  if (::link(from.c_str(), to.c_str()) != 0 || ::unlink(from.c_str()) != 0) return LastError();
  return {};
}

// Gives what was filled its name, or removes it.
template <typename Move>
std::error_code Place(std::error_code failed, const std::string& next, const std::string& path,
                      Move move) {
  if (!failed) failed = move(next, path);
  if (failed) {
    ::unlink(next.c_str());
    return failed;
  }
  return SyncFolder(FolderOf(path));
}

std::error_code Replace(const std::string& from, const std::string& to) {
  return std::rename(from.c_str(), to.c_str()) == 0 ? std::error_code() : LastError();
}

}  // namespace

std::error_code SyncFolder(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return file < 0 ? LastError() : Fill(file, {});
}

std::error_code WriteFileDurably(const std::string& path, std::string_view bytes) {
  const std::string next = path + ".next";
  const int file = ::open(next.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return LastError();
  return Place(Fill(file, bytes), next, path, Replace);
}

std::error_code CreateFileDurably(const std::string& path, std::string_view bytes) {
  std::string next = path + ".next.XXXXXX";  // its own, so that two at once do not mix
  const int file = ::mkostemp(next.data(), O_CLOEXEC);
  if (file < 0) return LastError();
  return Place(Fill(file, bytes), next, path, MoveUnlessThere);
}

std::error_code AppendDurably(const std::string& path, std::string_view bytes) {
  const int file = ::open(path.c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return LastError();
  if (const std::error_code failed = Fill(file, bytes)) return failed;
  return SyncFolder(FolderOf(path));
}

std::error_code RenameDurably(const std::string& from, const std::string& to) {
  if (const std::error_code failed = Replace(from, to)) return failed;
  return SyncFolder(FolderOf(to));
}

std::error_code RemoveDurably(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return LastError();
  return SyncFolder(FolderOf(path));
}

std::error_code EraseFileDurably(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return errno == ENOENT ? std::error_code() : LastError();
  const off_t size = ::lseek(file, 0, SEEK_END);
  if (size < 0 || ::lseek(file, 0, SEEK_SET) < 0) {
    const std::error_code failed = LastError();
    ::close(file);
    return failed;
  }
  const std::error_code failed = Fill(file, std::string(static_cast<size_t>(size), '\0'));
  return failed ? failed : RemoveDurably(path);
}

}  // namespace jalon
