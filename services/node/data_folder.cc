#include "services/node/data_folder.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "eventstore/base/clock.h"
#include "eventstore/base/random.h"
#include "eventstore/log/genesis.h"
#include "services/node/disk_space.h"
#include "services/node/json_log.h"
#include "services/node/kafka_address.h"
#include "services/node/log_birth.h"

namespace jalon::node {
namespace {

namespace fs = std::filesystem;

constexpr size_t kIdBytes = 16;
constexpr int kCopiesWanted = 3;  // of each record; fewer only with --unsafe-single-broker

// Something of ours is in it, or nothing of anybody. An older server left page.key.
bool MayBeOurs(const std::string& path) {
  for (const char* part : {"LOCK", "restoring", "log", "keys", "state", "views", "clock", "signer",
                           "access", "root.key", "token.key", "page.key"}) {
    if (fs::exists(fs::path(path) / part)) return true;
  }
  std::error_code none;  // not there yet, or not a folder: the start says so
  for (fs::directory_iterator entry(path, none); !none && entry != fs::end(entry);
       entry.increment(none)) {
    const std::string name = entry->path().filename();
    const bool of_a_disk = name == "lost+found";
    const bool of_a_shell = name.ends_with(".out") || name.ends_with(".log");  // it was redirected
    if (!of_a_disk && !of_a_shell) return false;
  }
  return true;
}

// What --data may not name, told before anything is written there.
Result<void> CheckMayHoldData(const std::string& path) {
  if (path.empty()) {
    return Fail(Code::kInvalidArgument, "CONFIG_INVALID", "--data is empty: name the data folder");
  }
  if (eventstore::RocksLog::IsBackup(path)) {
    return Fail(Code::kFailedPrecondition, "LOG_IS_BACKUP",
                fmt::format("{} is a backup of a log, and no data folder: make one of it with "
                            "'jalon log restore {} --data ANOTHER'",
                            path, path));
  }
  if (MayBeOurs(path)) return {};
  return Fail(Code::kFailedPrecondition, "NOT_A_DATA_FOLDER",
              fmt::format("{} holds other things, and nothing of Jalon: give --data an empty "
                          "folder, or one that is not there yet",
                          path));
}

}  // namespace

Result<void> DataFolder::BeBorn(const Config& config) const {
  if (const std::string unfinished = UnfinishedIn(path_); !unfinished.empty()) {
    return Fail(
        Code::kFailedPrecondition, "RESTORE_UNFINISHED",
        fmt::format("{}: {} (or remove the whole folder to begin anew)", path_, unfinished));
  }
  for (const std::string& part : {State(), Views(), Keys()}) {
    if (!fs::exists(part)) continue;
    return Fail(Code::kDataLoss, "LOG_MISSING",
                fmt::format("{} is not there, but {} is: the log is gone; put it back from its "
                            "backup (or remove the whole folder to begin anew)",
                            Log(), part));
  }
  const eventstore::Birth birth{.cluster_id = RandomBytes(kIdBytes),
                                .log_incarnation = RandomBytes(kIdBytes),
                                .partition_count = config.partitions,
                                .virtual_clock = config.virtual_clock,
                                .began_at = eventstore::BeganNow(SystemClock()),
                                .system_partition = true};
  JALON_RETURN_IF_ERROR(eventstore::RocksLog::Create(Log(), birth));
  node::Log(Level::kInfo, "made a new data folder",
            {{"data", fs::absolute(path_).string()},
             {"partitions", uint64_t{config.partitions}},
             {"virtual_clock", uint64_t{config.virtual_clock}}});
  return {};
}

Result<void> DataFolder::OpenEmbedded(const Config& config) {
  if (!fs::exists(Log())) JALON_RETURN_IF_ERROR(BeBorn(config));
  JALON_ASSIGN_OR_RETURN(auto log, eventstore::RocksLog::Open(Log()));
  birth_ = log->birth();
  embedded_ = log.get();
  log_ = std::move(log);
  return {};
}

Result<void> DataFolder::OpenKafka(const Config& config) {
  if (fs::exists(Log())) {
    return Fail(
        Code::kFailedPrecondition, "CONFIG_INVALID",
        fmt::format("{} has an embedded log: leave --log out, or give another --data", path_));
  }
  JALON_ASSIGN_OR_RETURN(eventstore::KafkaOptions options, KafkaOf(config));
  kafka_ = options;
  options.on_reach = [sign = log_sign_.get()](const std::optional<Error>& away) {
    sign->Set(LogSign::Of::kBrokers, away);
  };
  JALON_ASSIGN_OR_RETURN(auto log, eventstore::KafkaLog::Open(std::move(options)));
  birth_ = log->birth();
  copies_ = log->copies();
  if (copies_.all < kCopiesWanted) {
    node::Log(Level::kWarning, "a record has few copies: what those brokers lose is lost",
              {{"copies", int64_t{copies_.all}}});
  }
  log_ = std::move(log);
  return {};
}

Result<DataFolder> DataFolder::Open(const Config& config, const Clock& real_clock) {
  JALON_RETURN_IF_ERROR(CheckMayHoldData(config.data));
  DataFolder folder(config.data,
                    config.root_key.empty() ? config.data + "/root.key" : config.root_key,
                    real_clock);
  std::error_code failed;
  if (fs::create_directories(config.data, failed)) {
    fs::permissions(config.data, fs::perms::owner_all, failed);
  }
  JALON_ASSIGN_OR_RETURN(folder.lock_, FileLock::Take(LockIn(config.data)));
  JALON_RETURN_IF_ERROR(NeedFree(config.data, kRoomToWork, "to start"));
  JALON_RETURN_IF_ERROR(config.log.empty() ? folder.OpenEmbedded(config)
                                           : folder.OpenKafka(config));
  JALON_ASSIGN_OR_RETURN(folder.ancestry_, eventstore::Ancestry::Read(*folder.log_, folder.birth_));
  if (folder.birth_.virtual_clock) {
    JALON_ASSIGN_OR_RETURN(folder.virtual_clock_,
                           VirtualClock::Open(config.data + "/clock", real_clock));
  } else if (config.virtual_clock) {
    return Fail(Code::kFailedPrecondition, "CLOCK_NOT_VIRTUAL",
                fmt::format("{} was born with a real clock, which it keeps: leave --virtual-clock "
                            "out, or give another --data",
                            config.data));
  }
  return folder;
}

Result<bool> DataFolder::HasRecords() {
  for (Partition partition{0}; partition.value < birth_.partition_count;
       partition = partition.Next()) {
    JALON_ASSIGN_OR_RETURN(const bool has, eventstore::HasRecord(*log_, partition));
    if (has) return true;
  }
  return false;
}

}  // namespace jalon::node
