#include "services/node/node_operator.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "eventstore/log/verify.h"
#include "services/domain/local_date.h"
#include "services/node/disk_space.h"
#include "services/node/files.h"
#include "services/node/log_check.h"

namespace jalon::node {
namespace {

using std::chrono::hours;

constexpr std::string_view kVersion = "0.1.0";
constexpr hours kMorning{8};

// Eight o'clock of that local day. On the two days on which the clocks change it is seven or nine.
Micros MorningOf(domain::LocalDate on) {
  const auto year = std::chrono::year(static_cast<int>(on / 10'000));
  const auto month = std::chrono::month(on / 100 % 100);
  const auto midnight_utc =
      Micros(std::chrono::sys_days(year / month / std::chrono::day(on % 100)).time_since_epoch());
  // Toronto is four hours behind in summer, five in winter.
  const Micros summer = midnight_utc + hours(4);
  return (domain::LocalDateOf(summer) == on ? summer : midnight_utc + hours(5)) + kMorning;
}

void Describe(const projections::AsOf& as_of, type::v1::AsOf* described) {
  described->mutable_position()->set_log_incarnation(as_of.log_incarnation);
  described->mutable_position()->set_partition(as_of.partition.value);
  described->mutable_position()->set_seq(as_of.seq.value);
  described->set_recorded_at(as_of.recorded_at);
}

}  // namespace

Result<admin::v1::ListViewsResponse> NodeOperator::ListViews() {
  const projections::ProjectorStatus status = parts_.projector.Status();
  const std::vector<eventstore::WriterStatus> heads = parts_.writers.Status();
  admin::v1::ListViewsResponse response;
  for (size_t i = 0; i < parts_.views.size(); ++i) {
    admin::v1::ViewStatus& view = *response.add_views();
    view.set_name(std::string(parts_.views[i].Name()));
    view.set_version(parts_.views[i].Version());
    bool serving = true;
    bool joining = false;
    bool stopped = status.error.has_value();
    for (const projections::PartitionStatus& at : status.partitions) {
      serving &= at.serving;
      joining |= at.joining[i];
      stopped |= at.error.has_value();
      if (at.generations[i].value == 0 || at.as_of.seq.value == 0) continue;
      admin::v1::ViewPartition& partition = *view.add_partitions();
      partition.set_partition(at.partition.value);
      partition.set_generation(at.generations[i].value);
      Describe(at.as_of, partition.mutable_as_of());
      const uint64_t head = heads[at.partition.value].head.seq.value;
      partition.set_records_behind(head - std::min(head, at.as_of.seq.value));
      const projections::GenerationSize size = parts_.store.SizeOf(at.generations[i]);
      view.set_estimated_rows(view.estimated_rows() + size.rows);
      view.set_estimated_bytes(view.estimated_bytes() + size.bytes);
    }
    view.set_state(stopped    ? admin::v1::VIEW_STATE_STOPPED
                   : joining  ? admin::v1::VIEW_STATE_REBUILDING
                   : !serving ? admin::v1::VIEW_STATE_CATCHING_UP
                              : admin::v1::VIEW_STATE_FOLLOWING);
  }
  return response;
}

Result<void> NodeOperator::RebuildView(const std::string& name,
                                       const Report<admin::v1::RebuildViewResponse>& report) {
  return parts_.rebuilding.Run(name, report);
}

Result<admin::v1::CancelRebuildResponse> NodeOperator::CancelRebuild(const std::string&) {
  JALON_ASSIGN_OR_RETURN(const std::vector<std::string> names, parts_.rebuilding.Cancel());
  admin::v1::CancelRebuildResponse response;
  response.mutable_names()->Assign(names.begin(), names.end());
  return response;
}

Result<admin::v1::GetLogStatusResponse> NodeOperator::GetLogStatus() {
  const eventstore::Birth& birth = parts_.folder.birth();
  const Micros now = parts_.folder.clock().Wall();
  admin::v1::GetLogStatusResponse response;
  response.set_kind(parts_.folder.embedded_log() != nullptr ? "rocks" : "kafka");
  response.set_cluster_id(birth.cluster_id);
  response.set_log_incarnation(birth.log_incarnation);
  response.set_partition_count(birth.partition_count);
  response.set_estimated_bytes(SizeOnDisk(parts_.folder.Growing()));
  std::error_code unknown;
  response.set_free_bytes(std::filesystem::space(parts_.folder.Growing(), unknown).available);
  response.set_now(now.count());
  response.set_today_on(domain::LocalDateOf(now));
  response.set_virtual_clock(birth.virtual_clock);
  response.set_server_version(std::string(kVersion));
  const eventstore::KafkaLog::Copies copies = parts_.folder.copies();
  response.set_copies(static_cast<uint32_t>(copies.all));
  response.set_copies_in_sync_min(static_cast<uint32_t>(copies.in_sync_min));
  if (const auto trouble = parts_.folder.log_sign().Trouble()) {
    response.set_trouble_reason(trouble->reason);
    response.set_trouble(trouble->message);
  }
  const std::vector<eventstore::WriterStatus> statuses = parts_.writers.Status();
  for (uint32_t i = 0; i < statuses.size(); ++i) {
    const eventstore::WriterStatus& status = statuses[i];
    if (status.head.seq.value == 0) continue;
    admin::v1::LogPartition& partition = *response.add_partitions();
    partition.set_partition(i);
    type::v1::Position& head = *partition.mutable_head()->mutable_position();
    head.set_log_incarnation(birth.log_incarnation);
    head.set_partition(i);
    head.set_seq(status.head.seq.value);
    partition.set_head_hash(std::string(View(status.head.hash)));
    partition.set_offset(status.head.offset.value);
    partition.set_epoch(status.head.epoch.value);
    partition.set_level(status.head.level);
    partition.set_owned(status.phase == eventstore::WriterStatus::Phase::kServing);
  }
  return response;
}

Result<void> NodeOperator::VerifyLog(const Report<admin::v1::VerifyLogResponse>& report) {
  return CheckLog(parts_.folder.log(), parts_.folder.embedded_log(), report);
}

namespace {

// A folder that is not there, in one that is and can be written to.
Result<void> CheckTarget(const std::string& target_path) {
  const std::filesystem::path target = std::filesystem::path(target_path).lexically_normal();
  if (!target.is_absolute()) {
    return Fail(Code::kInvalidArgument, "FIELD_INVALID",
                "the target is a folder of the server's machine: give an absolute path");
  }
  std::error_code failed;
  if (std::filesystem::exists(target, failed)) {
    return Fail(Code::kAlreadyExists, "BACKUP_TARGET_EXISTS",
                target_path + " is there already: name a folder that is not");
  }
  const std::filesystem::path parent = target.parent_path();
  std::string why;
  if (failed) {
    why = failed.message();
  } else if (!std::filesystem::is_directory(parent, failed)) {
    why = parent.string() + " is no folder";
  } else if (::access(parent.c_str(), W_OK | X_OK) != 0) {
    why = std::strerror(errno);
  }
  if (why.empty()) return {};
  return Fail(Code::kInvalidArgument, "BACKUP_TARGET_UNUSABLE",
              fmt::format("{} cannot be made: {}; name a folder within one that is there and that "
                          "this server may write to",
                          target_path, why));
}

}  // namespace

Result<void> NodeOperator::BackupLog(const std::string& target_path,
                                     const Report<admin::v1::BackupLogResponse>& report) {
  eventstore::RocksLog* log = parts_.folder.embedded_log();
  if (log == nullptr) {
    return Fail(Code::kUnimplemented, "UNSUPPORTED",
                "a log on Kafka is not backed up here: its brokers hold the copies");
  }
  JALON_RETURN_IF_ERROR(CheckTarget(target_path));
  // The witness is read after the log was copied: it is as new as the keys that the copy needs.
  const Result<void> copied =
      log->Backup(target_path, [this](const std::string& unborn) -> Result<void> {
        JALON_ASSIGN_OR_RETURN(const std::string mark, ReadFile(parts_.folder.KeysWitness()));
        return WriteFile(KeysWitnessIn(unborn), mark);
      });
  if (!copied) {
    return Fail(Code::kInternal, "BACKUP_FAILED",
                fmt::format("{}; remove {} and what begins with its name, then back up again",
                            copied.error().message, target_path));
  }
  JALON_ASSIGN_OR_RETURN(const auto copy, eventstore::RocksLog::OpenReadOnly(target_path));
  admin::v1::BackupLogResponse progress;
  progress.set_bytes(SizeOnDisk(target_path));
  JALON_ASSIGN_OR_RETURN(const eventstore::VerifyReport verified,
                         eventstore::VerifyLog(*copy, [&](uint64_t done, uint64_t total) {
                           progress.set_entries_done(done);
                           progress.set_entries_total(total);
                           return report(progress);
                         }));
  if (!verified.Sound()) {
    return Fail(
        Code::kDataLoss, "BACKUP_FAILED",
        fmt::format("the copy is not whole: partition {} offset {}: {}; do not keep it, and "
                    "verify the log itself",
                    verified.findings[0].partition.value, verified.findings[0].offset.value,
                    verified.findings[0].what));
  }
  progress.set_done(true);
  report(progress);
  return {};
}

Result<admin::v1::AdvanceClockResponse> NodeOperator::AdvanceClock(
    const admin::v1::AdvanceClockRequest& request) {
  VirtualClock* clock = parts_.folder.virtual_clock();
  if (clock == nullptr) {
    return Fail(Code::kFailedPrecondition, "CLOCK_NOT_VIRTUAL",
                "this data folder has a real clock: only one born with --virtual-clock is moved");
  }
  Micros to = clock->Wall();
  switch (request.to_case()) {
    case admin::v1::AdvanceClockRequest::kToTime:
      to = Micros(request.to_time());
      break;
    case admin::v1::AdvanceClockRequest::kToOn:
      if (!domain::IsDate(request.to_on())) {
        return Fail(Code::kInvalidArgument, "FIELD_INVALID", "to_on is no date yyyymmdd");
      }
      to = MorningOf(request.to_on());
      break;
    case admin::v1::AdvanceClockRequest::kByMs:
      to += std::chrono::milliseconds(request.by_ms());
      break;
    case admin::v1::AdvanceClockRequest::TO_NOT_SET:
      return Fail(Code::kInvalidArgument, "FIELD_REQUIRED", "say to where the clock moves");
  }
  JALON_RETURN_IF_ERROR(clock->Advance(to));
  admin::v1::AdvanceClockResponse response;
  response.set_now(clock->Wall().count());
  response.set_today_on(domain::LocalDateOf(clock->Wall()));
  return response;
}

}  // namespace jalon::node
