#include "services/node/data_folder.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "eventstore/base/random.h"
#include "eventstore/log/kafka/kafka_log.h"
#include "services/node/disk_space.h"
#include "services/node/json_log.h"
#include "services/node/kafka_address.h"
#include "services/node/log_birth.h"

namespace jalon::node {
namespace {

namespace fs = std::filesystem;

constexpr size_t kIdBytes = 16;

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
  JALON_ASSIGN_OR_RETURN(eventstore::KafkaOptions options, ReadKafkaAddress(config.log));
  options.unsafe_single_broker = config.unsafe_single_broker;
  options.on_trouble = [](const std::string& line) {
    node::Log(Level::kWarning, "kafka", {{"said", line}});
  };
  JALON_ASSIGN_OR_RETURN(auto log, eventstore::KafkaLog::Open(std::move(options)));
  birth_ = log->birth();
  log_ = std::move(log);
  return {};
}

Result<DataFolder> DataFolder::Open(const Config& config, const Clock& real_clock) {
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

Result<eventstore::Secret> DataFolder::PageKey() const {
  const std::string path = path_ + "/page.key";
  if (fs::exists(path)) {
    JALON_ASSIGN_OR_RETURN(std::string bytes, ReadFile(path));
    if (bytes.size() == eventstore::Secret::kBytes) return eventstore::Secret::From(bytes);
  }
  eventstore::Secret key = eventstore::Secret::Random();
  JALON_RETURN_IF_ERROR(WriteFile(path, key.View()));
  return key;
}

}  // namespace jalon::node
