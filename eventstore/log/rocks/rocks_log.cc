#include "eventstore/log/rocks/rocks_log.h"

#include <fmt/format.h>
#include <rocksdb/utilities/checkpoint.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include "eventstore/base/check.h"
#include "eventstore/base/limits.h"
#include "eventstore/log/record.h"
#include "eventstore/log/rocks/committer.h"
#include "eventstore/log/rocks/database.h"
#include "eventstore/log/rocks/extent.h"
#include "eventstore/log/rocks/folder.h"
#include "eventstore/log/rocks/follower.h"
#include "eventstore/log/rocks/free_space.h"
#include "eventstore/log/rocks/witness.h"

namespace jalon::eventstore {

using rocks::Database;
using rocks::Extent;
using rocks::OpenChecked;
using rocks::Testify;
using rocks::Testimony;
using rocks::Witness;

class RocksLog::Impl {
 public:
  // Without a witness: to read only.
  Impl(const std::string& folder, const RocksLogOptions& options,
       std::unique_ptr<Database> database, std::unique_ptr<Witness> witness, const Extent& extent)
      : birth_(extent.birth),
        free_space_(folder, options.free_space_floor_bytes, options.testing.free_bytes),
        database_(std::move(database)),
        witness_(std::move(witness)),
        ring_({options.ring_entries_max, options.ring_bytes_max}, extent.next_commit, extent.heads),
        watchers_(extent.heads.size()) {
    if (witness_ == nullptr) return;
    committer_ = std::make_unique<rocks::Committer>(*database_, *witness_, ring_, watchers_,
                                                    counters_, extent, options.testing.at);
  }

  Result<void> Check(Partition partition) const {
    if (partition.value < birth_.Partitions()) return {};
    return Fail(Code::kInvalidArgument, "PARTITION_UNKNOWN",
                fmt::format("the log has {} partitions, none numbered {}", birth_.Partitions(),
                            partition.value));
  }
  rocks::Sources sources() { return {*database_, ring_, counters_}; }

  const Birth birth_;
  rocks::FreeSpace free_space_;
  const std::unique_ptr<Database> database_;
  const std::unique_ptr<Witness> witness_;
  rocks::Counters counters_;
  rocks::Ring ring_;
  Watchers watchers_;
  std::unique_ptr<rocks::Committer> committer_;  // last: its thread uses all of the above
};

namespace {

Result<void> WriteGeneses(Database& database, const std::vector<log::v1::Genesis>& geneses) {
  rocksdb::WriteBatch batch;
  for (uint32_t p = 0; p < geneses.size(); ++p) {
    const Blob genesis = EncodeGenesis(geneses[p]);
    database.PutEntry(batch, p, Partition{p}, Offset{0}, *genesis);
    database.PutRun(batch, {Partition{p}, Offset{0}, p, 1});
  }
  database.Write(batch);
  return {};
}

Result<void> BeBorn(const std::string& folder, const std::vector<log::v1::Genesis>& geneses,
                    const RocksLogOptions& options) {
  JALON_ASSIGN_OR_RETURN(const auto database, Database::Open(rocks::DatabasePath(folder),
                                                             Database::Mode::kCreate, options));
  JALON_RETURN_IF_ERROR(WriteGeneses(*database, geneses));
  JALON_ASSIGN_OR_RETURN(const Extent extent, rocks::MeasureExtent(*database));
  JALON_ASSIGN_OR_RETURN(const Testimony testimony, Testify(*database, extent));
  return Witness::Create(rocks::WitnessPath(folder), testimony);
}

Result<void> MarkAsBackup(const std::string& folder) {
  std::ofstream mark(rocks::BackupMarkPath(folder));
  mark << "A backup of a log. 'jalon log restore' makes a log of it.\n" << std::flush;
  if (mark) return {};
  return Fail(Code::kUnavailable, "LOG_UNREADABLE",
              fmt::format("cannot write {}: check the disk", rocks::BackupMarkPath(folder)));
}

Result<void> CheckIsNoBackup(const std::string& folder) {
  if (!RocksLog::IsBackup(folder)) return {};
  return Fail(Code::kFailedPrecondition, "LOG_IS_BACKUP",
              fmt::format("{} is a backup: its positions would be taken for those of the log that "
                          "it is a copy of; make a log of it with 'jalon log restore'",
                          folder));
}

}  // namespace

bool RocksLog::IsBackup(const std::string& folder) {
  return std::filesystem::exists(rocks::BackupMarkPath(folder));
}

Result<void> RocksLog::Create(const std::string& folder, const Birth& birth,
                              const RocksLogOptions& options) {
  JALON_CHECK(birth.partition_count > 0);
  return Create(folder, GenesesOf(birth), nullptr, options);
}

Result<void> RocksLog::Create(const std::string& folder,
                              const std::vector<log::v1::Genesis>& geneses, const Beside& fill,
                              const RocksLogOptions& options) {
  return rocks::MakeFolder(folder, [&](const std::string& unborn) -> Result<void> {
    JALON_RETURN_IF_ERROR(BeBorn(unborn, geneses, options));
    return fill ? fill(unborn) : Result<void>();
  });
}

Result<std::unique_ptr<RocksLog>> RocksLog::Open(const std::string& folder,
                                                 const RocksLogOptions& options) {
  JALON_RETURN_IF_ERROR(rocks::CheckFolder(folder));
  JALON_RETURN_IF_ERROR(CheckIsNoBackup(folder));
  JALON_ASSIGN_OR_RETURN(auto witness, Witness::Open(rocks::WitnessPath(folder)));
  uint64_t next_commit = 0;
  {
    // Not a byte changes before this has succeeded.
    JALON_ASSIGN_OR_RETURN(const auto before, OpenChecked(folder, Database::Mode::kReadOnly,
                                                          options, witness->Last()));
    next_commit = before.extent.next_commit;
  }
  JALON_ASSIGN_OR_RETURN(auto opened,
                         OpenChecked(folder, Database::Mode::kWrite, options, witness->Last()));
  auto& [database, extent] = opened;
  if (extent.next_commit != next_commit) {
    return Fail(Code::kDataLoss, "LOG_CORRUPT",
                fmt::format("the log had {} entries, and has {} once opened for writing; restore "
                            "it from a backup",
                            next_commit, extent.next_commit));
  }
  // What is served from now on is testified to, also where a power cut left an old witness.
  JALON_ASSIGN_OR_RETURN(const Testimony testimony, Testify(*database, extent));
  if (!options.testing.ignore_witness) witness->Write(testimony);
  auto impl =
      std::make_unique<Impl>(folder, options, std::move(database), std::move(witness), extent);
  return std::unique_ptr<RocksLog>(new RocksLog(std::move(impl)));
}

Result<std::unique_ptr<RocksLog>> RocksLog::OpenReadOnly(const std::string& folder,
                                                         const RocksLogOptions& options) {
  JALON_RETURN_IF_ERROR(rocks::CheckFolder(folder));
  JALON_ASSIGN_OR_RETURN(const Testimony testimony, Witness::Read(rocks::WitnessPath(folder)));
  JALON_ASSIGN_OR_RETURN(auto opened,
                         OpenChecked(folder, Database::Mode::kReadOnly, options, testimony));
  auto impl =
      std::make_unique<Impl>(folder, options, std::move(opened.database), nullptr, opened.extent);
  return std::unique_ptr<RocksLog>(new RocksLog(std::move(impl)));
}

RocksLog::RocksLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RocksLog::~RocksLog() = default;

Result<void> RocksLog::TakesEntries() {
  if (!impl_->free_space_.Low()) return {};
  impl_->counters_.CountDiskFull();
  return Fail(Code::kResourceExhausted, "DISK_FULL",
              "free space of the log's disk is under its floor: only reading goes on; free some");
}

Result<void> RocksLog::Append(Partition partition, std::vector<Blob> entries) {
  JALON_CHECK(!entries.empty());
  for (const Blob& entry : entries) JALON_CHECK(entry->size() <= limits::kRecordBytesMax);
  JALON_RETURN_IF_ERROR(impl_->Check(partition));
  if (impl_->committer_ == nullptr) {
    return Fail(Code::kFailedPrecondition, "LOG_READ_ONLY", "the log was opened for reading only");
  }
  JALON_RETURN_IF_ERROR(TakesEntries());
  impl_->committer_->HandOver(partition, std::move(entries));
  return {};
}

Result<std::vector<StoredEntry>> RocksLog::ReadFrom(Partition partition, Offset first,
                                                    ReadLimit limit) {
  JALON_RETURN_IF_ERROR(impl_->Check(partition));
  return rocks::ReadPartition(impl_->sources(), partition, first, limit);
}

Result<std::unique_ptr<Follower>> RocksLog::Follow(std::vector<Start> from,
                                                   std::function<void()> wake) {
  for (const Start& start : from) JALON_RETURN_IF_ERROR(impl_->Check(start.partition));
  return rocks::RocksFollower::Make(impl_->sources(), impl_->watchers_, std::move(from),
                                    std::move(wake));
}

Result<Offset> RocksLog::Head(Partition partition) {
  JALON_RETURN_IF_ERROR(impl_->Check(partition));
  return Offset{impl_->ring_.Head(partition)};
}

const Birth& RocksLog::birth() const { return impl_->birth_; }

RocksLogStats RocksLog::Stats() const {
  RocksLogStats stats = impl_->counters_.Read();
  stats.rewritten_bytes = impl_->database_->RewrittenBytes();
  return stats;
}

Result<void> RocksLog::CheckFiles() const {
  const rocksdb::Status status = impl_->database_->db().VerifyChecksum();
  if (!status.ok()) return std::unexpected(rocks::FromStatus(status, "a file of the log"));
  return {};
}

Result<void> RocksLog::Backup(const std::string& folder, const Beside& beside) {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(&impl_->database_->db(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (!status.ok()) return std::unexpected(rocks::FromStatus(status, "cannot back the log up"));
  return rocks::MakeFolder(folder, [&](const std::string& unborn) -> Result<void> {
    const rocksdb::Status copied = checkpoint->CreateCheckpoint(rocks::DatabasePath(unborn));
    if (!copied.ok()) return std::unexpected(rocks::FromStatus(copied, "cannot back the log up"));
    JALON_ASSIGN_OR_RETURN(const auto copy, Database::Open(rocks::DatabasePath(unborn),
                                                           Database::Mode::kReadOnly, {}));
    JALON_ASSIGN_OR_RETURN(const Extent extent, rocks::MeasureExtent(*copy));
    JALON_ASSIGN_OR_RETURN(const Testimony testimony, Testify(*copy, extent));
    JALON_RETURN_IF_ERROR(MarkAsBackup(unborn));
    if (beside) JALON_RETURN_IF_ERROR(beside(unborn));
    return Witness::Create(rocks::WitnessPath(unborn), testimony);
  });
}

}  // namespace jalon::eventstore
