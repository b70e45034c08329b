#include "services/node/log_copy.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "eventstore/base/random.h"
#include "eventstore/log/copy.h"
#include "eventstore/log/kafka/kafka_log.h"
#include "eventstore/log/rocks/rocks_log.h"
#include "eventstore/outlet/kafka/kafka_outlet.h"
#include "services/node/data_folder.h"
#include "services/node/disk_space.h"
#include "services/node/kafka_address.h"
#include "services/node/last_words.h"
#include "services/node/log_birth.h"

namespace jalon::node {
namespace {

namespace fs = std::filesystem;
using eventstore::CopyPlan;
using eventstore::KafkaLog;
using eventstore::KafkaOptions;
using eventstore::Log;
using eventstore::RocksLog;

constexpr size_t kIncarnationBytes = 16;

// The source is read twice and the copy once: one progress for the three. How many entries do not
// count is known after the first time only.
class Passes {
 public:
  explicit Passes(const cli::EntriesRead& progress) : progress_(progress) {}

  // The progress of the next pass.
  eventstore::VerifyProgress Next() {
    const uint64_t before = pass_++;
    return [this, before](uint64_t done, uint64_t total) {
      return progress_(before * total + done, kPasses * total);
    };
  }

 private:
  static constexpr uint64_t kPasses = 3;
  const cli::EntriesRead& progress_;
  uint64_t pass_ = 0;
};

struct Source {
  std::unique_ptr<FileLock> lock;  // of a data folder
  std::unique_ptr<Log> log;
  Bytes log_incarnation;
  uint64_t bytes = 0;  // on the disk of this machine
};

Result<KafkaOptions> OptionsOf(const std::string& address, const cli::LogCopy& wanted) {
  JALON_ASSIGN_OR_RETURN(KafkaOptions options, ReadKafkaAddress(address));
  options.unsafe_single_broker = wanted.unsafe_single_broker;
  return options;
}

Result<Source> OpenSource(const cli::LogCopy& wanted) {
  Source source;
  if (IsKafkaAddress(wanted.from)) {
    JALON_ASSIGN_OR_RETURN(KafkaOptions options, OptionsOf(wanted.from, wanted));
    JALON_ASSIGN_OR_RETURN(auto log, KafkaLog::Open(std::move(options)));
    source.log_incarnation = log->birth().log_incarnation;
    source.log = std::move(log);
    return source;
  }
  if (!fs::exists(LogIn(wanted.from))) {
    return Fail(Code::kNotFound, "LOG_NOT_BORN",
                fmt::format("there is no log in {}: name the data folder of a server, or "
                            "kafka://HOST:PORT,…/PREFIX",
                            wanted.from));
  }
  JALON_ASSIGN_OR_RETURN(source.lock, FileLock::Take(LockIn(wanted.from)));
  JALON_ASSIGN_OR_RETURN(auto log, RocksLog::OpenReadOnly(LogIn(wanted.from)));
  JALON_RETURN_IF_ERROR(log->CheckFiles());
  source.log_incarnation = log->birth().log_incarnation;
  source.log = std::move(log);
  source.bytes = SizeOnDisk(LogIn(wanted.from));
  return source;
}

eventstore::Life NewLife() {
  return {RandomBytes(kIncarnationBytes), eventstore::BeganNow(SystemClock())};
}

class Copy {
 public:
  Copy(const cli::LogCopy& wanted, Source source, const cli::EntriesRead& progress)
      : wanted_(wanted), source_(std::move(source)), passes_(progress) {}

  Result<cli::LogCopied> IntoFolder();
  Result<cli::LogCopied> IntoKafka();

 private:
  Result<void> Plan(const eventstore::Life& life);
  // Makes the copy in the log of this folder, which has its geneses.
  Result<void> FillFolder(const std::string& log);
  cli::LogCopied Describe() const;

  const cli::LogCopy& wanted_;
  const Source source_;
  Passes passes_;
  CopyPlan plan_;
};

Result<void> Copy::Plan(const eventstore::Life& life) {
  JALON_ASSIGN_OR_RETURN(plan_, eventstore::PlanCopy(*source_.log, life, passes_.Next()));
  return {};
}

cli::LogCopied Copy::Describe() const {
  return {.entries = plan_.entries,
          .events = plan_.events,
          .left_behind = plan_.voids,
          .log_incarnation = plan_.geneses[0].log_incarnation(),
          .missing = {}};
}

Result<cli::LogCopied> Copy::IntoFolder() {
  const std::string& data = wanted_.to;
  JALON_ASSIGN_OR_RETURN(const auto lock, TakeFolderWithoutLog(data));
  JALON_RETURN_IF_ERROR(Plan(NewLife()));
  LeaveLastWords(data);
  JALON_RETURN_IF_ERROR(NeedFree(data, source_.bytes + kRoomToWork, "for the log and to start"));
  JALON_RETURN_IF_ERROR(MakeLogIn(data, "jalon log copy", [&](const std::string& made) {
    return RocksLog::Create(made, plan_.geneses,
                            [this](const std::string& log) { return FillFolder(log); });
  }));
  cli::LogCopied copied = Describe();
  copied.missing = KeysMissingIn(data);
  return copied;
}

Result<void> Copy::FillFolder(const std::string& log) {
  {
    JALON_ASSIGN_OR_RETURN(const auto target, RocksLog::Open(log));
    JALON_RETURN_IF_ERROR(eventstore::CopyEntries(*source_.log, *target, plan_, passes_.Next()));
  }
  JALON_ASSIGN_OR_RETURN(const auto copy, RocksLog::OpenReadOnly(log));
  JALON_RETURN_IF_ERROR(copy->CheckFiles());
  JALON_RETURN_IF_ERROR(eventstore::CheckCopy(*copy, plan_, passes_.Next()));
  // It lies with an embedded log, and elsewhere in the data folder itself: it may be either's keys
  // that are used from now on, and the folder's own were the last.
  JALON_RETURN_IF_ERROR(CopyKeysWitness(wanted_.to, log));
  const bool has_one = fs::exists(KeysWitnessIn(log));
  return has_one || IsKafkaAddress(wanted_.from) ? Result<void>()
                                                 : CopyKeysWitness(LogIn(wanted_.from), log);
}

std::unexpected<Error> OfAnother(const std::string& target) {
  return Fail(Code::kAlreadyExists, "LOG_EXISTS",
              fmt::format("{} holds a log already, which is no part of this copy: name another "
                          "prefix",
                          target));
}

// What an earlier run of the same copy began, it began as this life.
Result<eventstore::Life> LifeOf(const KafkaOptions& options, const cli::LogCopy& wanted,
                                const Bytes& source) {
  JALON_ASSIGN_OR_RETURN(const auto begun, KafkaLog::Begun(options));
  if (!begun) return NewLife();
  const int ancestors = begun->ancestors_size();
  if (ancestors == 0 || begun->ancestors(ancestors - 1).log_incarnation() != source) {
    return OfAnother(wanted.to);
  }
  return eventstore::Life{begun->log_incarnation(), begun->began_at()};
}

Result<cli::LogCopied> Copy::IntoKafka() {
  JALON_ASSIGN_OR_RETURN(const KafkaOptions options, OptionsOf(wanted_.to, wanted_));
  JALON_ASSIGN_OR_RETURN(const eventstore::Life life,
                         LifeOf(options, wanted_, source_.log_incarnation));
  JALON_RETURN_IF_ERROR(Plan(life));
  JALON_RETURN_IF_ERROR(KafkaLog::Create(options, plan_.geneses));
  const Result<void> fed =
      eventstore::KafkaOutlet::Create(options, plan_.geneses[0].partition_count());
  if (!fed && fed.error().code != Code::kAlreadyExists) return std::unexpected(fed.error());
  {
    JALON_ASSIGN_OR_RETURN(const auto target, KafkaLog::Open(options));
    JALON_RETURN_IF_ERROR(eventstore::CopyEntries(*source_.log, *target, plan_, passes_.Next()));
  }
  JALON_ASSIGN_OR_RETURN(const auto copy, KafkaLog::Open(options));
  JALON_RETURN_IF_ERROR(eventstore::CheckCopy(*copy, plan_, passes_.Next()));
  return Describe();
}

std::string Canonical(const std::string& place) {
  std::error_code unknown;
  return IsKafkaAddress(place) ? place : fs::weakly_canonical(place, unknown).string();
}

}  // namespace

Result<cli::LogCopied> CopyLog(const cli::LogCopy& wanted, const cli::EntriesRead& progress) {
  if (Canonical(wanted.from) == Canonical(wanted.to)) {
    return Fail(
        Code::kInvalidArgument, "CONFIG_INVALID",
        fmt::format("{} is both what to copy and where to: name another target", wanted.from));
  }
  JALON_ASSIGN_OR_RETURN(Source source, OpenSource(wanted));
  Copy copy(wanted, std::move(source), progress);
  return IsKafkaAddress(wanted.to) ? copy.IntoKafka() : copy.IntoFolder();
}

}  // namespace jalon::node
