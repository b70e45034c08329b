#include "eventstore/log/rocks/folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace jalon::eventstore::rocks {
namespace {

std::unexpected<Error> Failed(const std::string& folder, std::string_view why) {
  return Fail(Code::kUnavailable, "LOG_UNREADABLE",
              fmt::format("cannot make the log folder {}: {}", folder, why));
}

bool SyncFolder(const std::filesystem::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return false;
  const bool synced = ::fsync(file) == 0;
  ::close(file);
  return synced;
}

}  // namespace

Result<void> MakeFolder(const std::string& folder,
                        const std::function<Result<void>(const std::string&)>& fill) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::exists(folder, error)) {
    return Fail(Code::kAlreadyExists, "LOG_EXISTS",
                fmt::format("{} is there already; name another folder", folder));
  }
  const std::string unborn = folder + ".unborn";
  fs::remove_all(unborn, error);  // of an attempt that died
  if (!fs::create_directories(unborn, error)) return Failed(folder, error.message());
  JALON_RETURN_IF_ERROR(fill(unborn));
  if (!SyncFolder(unborn)) return Failed(folder, std::strerror(errno));
  fs::rename(unborn, folder, error);
  if (error) return Failed(folder, error.message());
  if (!SyncFolder(fs::absolute(folder).parent_path())) return Failed(folder, std::strerror(errno));
  return {};
}

Result<void> CheckFolder(const std::string& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(DatabasePath(folder), error)) return {};
  return Fail(Code::kNotFound, "LOG_NOT_BORN",
              fmt::format("there is no log in {}; create one with 'jalon log init'", folder));
}

}  // namespace jalon::eventstore::rocks
