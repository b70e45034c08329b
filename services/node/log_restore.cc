#include "services/node/log_restore.h"

#include <fmt/format.h>

#include "eventstore/base/clock.h"
#include "eventstore/base/random.h"
#include "eventstore/log/rocks/restore.h"
#include "eventstore/log/verify.h"
#include "services/node/disk_space.h"
#include "services/node/last_words.h"
#include "services/node/log_birth.h"

namespace jalon::node {
namespace {

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

}  // namespace

Result<cli::Restored> RestoreLog(const std::string& backup, const std::string& data,
                                 const cli::EntriesRead& progress) {
  JALON_ASSIGN_OR_RETURN(const auto lock, TakeFolderWithoutLog(data));
  JALON_ASSIGN_OR_RETURN(const eventstore::VerifyReport report, CheckBackup(backup, progress));
  LeaveLastWords(data);
  JALON_RETURN_IF_ERROR(
      NeedFree(data, SizeOnDisk(backup) + kRoomToWork, "for the log and to start"));
  cli::Restored restored;
  restored.log_incarnation = RandomBytes(kIncarnationBytes);
  JALON_RETURN_IF_ERROR(MakeLogIn(data, "jalon log restore", [&](const std::string& made) {
    return eventstore::RestoreLog(
        backup, made, {restored.log_incarnation, eventstore::BeganNow(SystemClock())},
        [&](const std::string& log) { return CopyKeysWitness(backup, log); });
  }));
  for (const eventstore::PartitionReport& partition : report.partitions) {
    restored.entries += partition.entries;
    restored.events += partition.events;
  }
  restored.missing = KeysMissingIn(data);
  return restored;
}

}  // namespace jalon::node
