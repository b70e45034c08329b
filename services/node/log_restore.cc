#include "services/node/log_restore.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "eventstore/base/clock.h"
#include "eventstore/base/durable_file.h"
#include "eventstore/base/random.h"
#include "eventstore/log/rocks/restore.h"
#include "eventstore/log/verify.h"
#include "services/node/data_folder.h"
#include "services/node/disk_space.h"
#include "services/node/files.h"
#include "services/node/last_words.h"

namespace jalon::node {
namespace {

namespace fs = std::filesystem;

constexpr size_t kIncarnationBytes = 16;

Result<eventstore::VerifyReport> CheckBackup(const std::string& backup,
                                             const cli::EntriesRead& progress) {
  JALON_ASSIGN_OR_RETURN(const auto log, eventstore::RocksLog::OpenReadOnly(backup));
  JALON_RETURN_IF_ERROR(log->CheckFiles());
  JALON_ASSIGN_OR_RETURN(const eventstore::VerifyReport report,
                         eventstore::VerifyLog(*log, progress));
  if (report.Sound()) return report;
  const eventstore::Finding& first = report.findings[0];
  return Fail(Code::kDataLoss, "LOG_CORRUPT",
              fmt::format("the backup is not whole: partition {} offset {}: {}; nothing was "
                          "restored: take another backup",
                          first.partition.value, first.offset.value, first.what));
}

Result<void> RemoveFolds(const std::string& data) {
  for (const std::string& folds : {StateIn(data), ViewsIn(data)}) {
    std::error_code failed;
    fs::remove_all(folds, failed);
    if (!failed) continue;
    return Fail(Code::kUnavailable, "DATA_FOLDER_UNUSABLE",
                fmt::format("{}: {}; remove it, then restore again", folds, failed.message()));
  }
  return {};
}

Result<void> CopyKeysWitness(const std::string& backup, const std::string& log) {
  if (!fs::exists(KeysWitnessIn(backup))) return {};  // of a log without keys
  JALON_ASSIGN_OR_RETURN(const std::string mark, ReadFile(KeysWitnessIn(backup)));
  return WriteFile(KeysWitnessIn(log), mark);
}

}  // namespace

Result<cli::Restored> RestoreLog(const std::string& backup, const std::string& data,
                                 const cli::EntriesRead& progress) {
  std::error_code failed;
  if (fs::create_directories(data, failed)) fs::permissions(data, fs::perms::owner_all, failed);
  JALON_ASSIGN_OR_RETURN(const auto lock, FileLock::Take(LockIn(data)));
  if (fs::exists(LogIn(data))) {
    return Fail(Code::kAlreadyExists, "LOG_EXISTS",
                fmt::format("{} is there: give a --data without a log, or move that one away",
                            LogIn(data)));
  }
  JALON_ASSIGN_OR_RETURN(const eventstore::VerifyReport report, CheckBackup(backup, progress));
  LeaveLastWords(data);
  JALON_RETURN_IF_ERROR(
      NeedFree(data, SizeOnDisk(backup) + kRoomToWork, "for the log and to start"));
  // From here on the folder lacks something, until the log has its name.
  JALON_RETURN_IF_ERROR(
      WriteFile(RestoringIn(data), "jalon log restore began here and did not end: run it again\n"));
  JALON_RETURN_IF_ERROR(RemoveFolds(data));
  cli::Restored restored;
  restored.log_incarnation = RandomBytes(kIncarnationBytes);
  JALON_RETURN_IF_ERROR(eventstore::RestoreLog(
      backup, LogIn(data), {restored.log_incarnation, eventstore::BeganNow(SystemClock())},
      [&](const std::string& log) { return CopyKeysWitness(backup, log); }));
  if (const std::error_code failed = RemoveDurably(RestoringIn(data))) {
    return Fail(Code::kUnavailable, "DATA_FOLDER_UNUSABLE",
                fmt::format("{}: {}; the log is restored whole: remove that file, then start",
                            RestoringIn(data), failed.message()));
  }
  for (const eventstore::PartitionReport& partition : report.partitions) {
    restored.entries += partition.entries;
    restored.events += partition.events;
  }
  for (const char* part : {"keys", "root.key", "token.key"}) {
    if (!fs::exists(data + "/" + part)) restored.missing.emplace_back(part);
  }
  return restored;
}

}  // namespace jalon::node
