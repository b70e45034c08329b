#include "eventstore/log/rocks/folder.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "eventstore/base/durable_file.h"

namespace jalon::eventstore::rocks {
namespace {

std::unexpected<Error> Failed(const std::string& folder, std::string_view why) {
  return Fail(Code::kUnavailable, "LOG_UNREADABLE",
              fmt::format("cannot make the log folder {}: {}", folder, why));
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
  error = SyncFolder(unborn);
  if (!error) error = RenameDurably(unborn, folder);
  if (error) return Failed(folder, error.message());
  return {};
}

Result<void> CheckFolder(const std::string& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(DatabasePath(folder), error)) return {};
  return Fail(Code::kNotFound, "LOG_NOT_BORN",
              fmt::format("there is no log in {}; create one with 'jalon log init'", folder));
}

}  // namespace jalon::eventstore::rocks
