#include "services/node/log_birth.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "eventstore/base/durable_file.h"
#include "services/node/data_folder.h"

namespace jalon::node {
namespace {

namespace fs = std::filesystem;

Result<void> RemoveFolds(const std::string& data, const std::string& command) {
  for (const std::string& folds : {StateIn(data), ViewsIn(data)}) {
    std::error_code failed;
    fs::remove_all(folds, failed);
    if (!failed) continue;
    return Fail(
        Code::kUnavailable, "DATA_FOLDER_UNUSABLE",
        fmt::format("{}: {}; remove it, then run '{}' again", folds, failed.message(), command));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<FileLock>> TakeFolderWithoutLog(const std::string& data) {
  std::error_code failed;
  if (fs::create_directories(data, failed)) fs::permissions(data, fs::perms::owner_all, failed);
  JALON_ASSIGN_OR_RETURN(auto lock, FileLock::Take(LockIn(data)));
  if (!fs::exists(LogIn(data))) return lock;
  return Fail(Code::kAlreadyExists, "LOG_EXISTS",
              fmt::format("{} is there: name a data folder without a log, or move that one away",
                          LogIn(data)));
}

Result<void> MakeLogIn(const std::string& data, const std::string& command,
                       const std::function<Result<void>(const std::string& log)>& make) {
  // From here on the folder lacks something, until the log has its name.
  JALON_RETURN_IF_ERROR(WriteFile(
      RestoringIn(data), fmt::format("'{}' began here and did not end: run it again\n", command)));
  JALON_RETURN_IF_ERROR(RemoveFolds(data, command));
  JALON_RETURN_IF_ERROR(make(LogIn(data)));
  if (const std::error_code failed = RemoveDurably(RestoringIn(data))) {
    return Fail(Code::kUnavailable, "DATA_FOLDER_UNUSABLE",
                fmt::format("{}: {}; the log is there whole: remove that file, then start",
                            RestoringIn(data), failed.message()));
  }
  return {};
}

std::string UnfinishedIn(const std::string& data) {
  if (!fs::exists(RestoringIn(data))) return {};
  const Result<std::string> said = ReadFile(RestoringIn(data));
  const std::string words = said ? said->substr(0, said->find('\n')) : "";
  return words.empty() ? "a restore or a copy did not end: run it again" : words;
}

std::vector<std::string> KeysMissingIn(const std::string& data) {
  std::vector<std::string> missing;
  for (const char* part : {"keys", "keys.epochs", "root.key", "signer", "token.key"}) {
    if (!fs::exists(data + "/" + part)) missing.emplace_back(part);
  }
  return missing;
}

Result<void> CopyKeysWitness(const std::string& from, const std::string& log) {
  if (!fs::exists(KeysWitnessIn(from))) return {};  // of a log without keys
  JALON_ASSIGN_OR_RETURN(const std::string mark, ReadFile(KeysWitnessIn(from)));
  return WriteFile(KeysWitnessIn(log), mark);
}

}  // namespace jalon::node
