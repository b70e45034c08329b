#include "services/node/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "eventstore/base/durable_file.h"

namespace jalon::node {
namespace {

std::unexpected<Error> Unusable(const std::string& path, const std::error_code& failed) {
  return Fail(
      Code::kInternal, "DATA_FOLDER_UNUSABLE",
      fmt::format("{}: {}; check that it is there, and this user's", path, failed.message()));
}

std::error_code LastError() { return {errno, std::generic_category()}; }

}  // namespace

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in.good() && !in.eof()) return Unusable(path, LastError());
  return text;
}

Result<void> WriteFile(const std::string& path, std::string_view text) {
  if (const std::error_code failed = WriteFileDurably(path, text)) return Unusable(path, failed);
  return {};
}

Result<std::unique_ptr<FileLock>> FileLock::Take(const std::string& path) {
  const int file = open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) return Unusable(path, LastError());
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
