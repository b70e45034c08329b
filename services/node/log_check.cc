#include "services/node/log_check.h"

#include <fmt/format.h>

#include <filesystem>

#include "eventstore/base/clock.h"
#include "eventstore/log/genesis.h"
#include "eventstore/log/verify.h"
#include "services/node/data_folder.h"
#include "services/node/files.h"

namespace jalon::node {

Result<void> CheckLog(eventstore::Log& log, const eventstore::RocksLog* embedded,
                      const CheckReport& report) {
  const SystemClock clock;
  const Micros start = clock.Monotonic();
  admin::v1::VerifyLogResponse progress;
  const auto tell = [&] {
    progress.set_elapsed_ms(static_cast<uint64_t>((clock.Monotonic() - start).count() / 1000));
    return report(progress);
  };
  JALON_ASSIGN_OR_RETURN(const eventstore::VerifyReport verified,
                         eventstore::VerifyLog(log, [&](uint64_t done, uint64_t total) {
                           progress.set_entries_done(done);
                           progress.set_entries_total(total);
                           return tell();
                         }));
  JALON_ASSIGN_OR_RETURN(const auto genesis, eventstore::ReadGenesis(log, Partition{0}));
  for (uint32_t p = 0; p < verified.partitions.size(); ++p) {
    const uint64_t events = verified.partitions[p].events;
    progress.set_events_done(progress.events_done() + events);
    if (p >= genesis.partition_count()) progress.set_system_events_done(events);
  }
  for (const eventstore::Finding& finding : verified.findings) {
    admin::v1::LogFault& fault = *progress.add_faults();
    fault.set_partition(finding.partition.value);
    fault.set_offset(finding.offset.value);
    fault.set_description(finding.what);
  }
  // Entries may have come from memory: what lies on disk is asked too.
  const Result<void> files = embedded == nullptr ? Result<void>() : embedded->CheckFiles();
  if (!files) {
    admin::v1::LogFault& fault = *progress.add_faults();
    fault.set_in_file(true);
    fault.set_description(files.error().message);
  }
  progress.set_done(true);
  tell();
  return {};
}

Result<bool> CheckStoppedLog(const std::string& data, const CheckReport& report) {
  const bool embedded = std::filesystem::exists(LogIn(data));
  if (embedded || std::filesystem::exists(LockIn(data))) {
    const auto lock = FileLock::Take(LockIn(data));
    if (!lock && lock.error().reason == "DATA_IN_USE") return false;
    if (!lock) return std::unexpected(lock.error());
    if (embedded) {
      JALON_ASSIGN_OR_RETURN(const auto log, eventstore::RocksLog::OpenReadOnly(LogIn(data)));
      JALON_RETURN_IF_ERROR(CheckLog(*log, log.get(), report));
      return true;
    }
  }
  if (eventstore::RocksLog::IsBackup(data)) {
    return Fail(Code::kFailedPrecondition, "LOG_IS_BACKUP",
                fmt::format("{} is a backup, which was verified when it was made: to verify it "
                            "again, make a log of it, 'jalon log restore {} --data ANOTHER', and "
                            "verify that",
                            data, data));
  }
  return Fail(Code::kNotFound, "LOG_NOT_BORN",
              fmt::format("there is no log in {}: name the server's data folder; a log on Kafka is "
                          "verified by a server that runs",
                          data));
}

}  // namespace jalon::node
