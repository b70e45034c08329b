#include "eventstore/log/rocks/repair.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <system_error>

#include "eventstore/base/durable_file.h"
#include "eventstore/log/rocks/extent.h"
#include "eventstore/log/rocks/folder.h"
#include "eventstore/log/rocks/rocks_log.h"
#include "eventstore/log/rocks/witness.h"
#include "eventstore/rocks/record_file.h"

namespace jalon::eventstore {
namespace {

namespace fs = std::filesystem;
using rocks::Database;

Result<void> CheckWitnesses(const std::string& folder, const RocksLogOptions& options,
                            const std::vector<NamedWitness>& witnesses) {
  JALON_ASSIGN_OR_RETURN(const auto log, RocksLog::OpenReadOnly(folder, options));
  for (const NamedWitness& witness : witnesses) {
    const Result<void> anchored = CheckAnchor(*log, witness.partition, witness.head);
    if (anchored) continue;
    if (anchored.error().code != Code::kDataLoss) return anchored;
    return Fail(Code::kDataLoss, "LOG_BEHIND_WITNESS",
                fmt::format("{} lies behind the damage, so acknowledged entries do: {}",
                            witness.name, anchored.error().message));
  }
  return {};
}

Result<rocks::RecordDamage> CheckNothingBehind(const std::string& database_path) {
  JALON_ASSIGN_OR_RETURN(const auto damage, rocks::FindWalDamage(database_path));
  if (!damage.batch_behind) return damage;
  return Fail(Code::kDataLoss, "LOG_CORRUPT",
              "later groups of entries lie behind the damage: this is no torn tail, and "
              "acknowledged entries would be lost; restore the log from a backup");
}

// Reads every entry by its place, as whoever reads on will.
Result<void> CheckEveryEntry(const std::string& folder, const RocksLogOptions& options) {
  JALON_ASSIGN_OR_RETURN(const auto log, RocksLog::OpenReadOnly(folder, options));
  for (Partition partition{0}; partition.value < log->birth().Partitions();
       partition = partition.Next()) {
    JALON_ASSIGN_OR_RETURN(const Offset head, log->Head(partition));
    for (Offset next{0}; next < head;) {
      const auto read = log->ReadFrom(partition, next, {});
      if (!read || read->empty()) {
        return Fail(Code::kDataLoss, "LOG_CORRUPT",
                    fmt::format("what the damaged MANIFEST said of the log's tables was in use: "
                                "partition {} cannot be read from offset {} on without it; this is "
                                "no torn tail, restore the log from a backup",
                                partition.value, next.value));
      }
      next = read->back().offset.Next();
    }
  }
  return {};
}

RocksLogOptions Lenient(RocksLogOptions options) {
  options.wal_recovery = WalRecovery::kUpToDamage;
  return options;
}

// REQUIRES: the log is locked.
Result<TornTail> Find(const std::string& folder, const std::vector<NamedWitness>& witnesses,
                      const RocksLogOptions& options, const rocks::Testimony& testimony) {
  const auto damaged = rocks::OpenChecked(folder, Database::Mode::kReadOnly, options, testimony);
  if (damaged) {
    return Fail(Code::kFailedPrecondition, "LOG_SOUND", "the log opens: there is nothing to cut");
  }
  TornTail tail{.entries_kept = 0,
                .entries_witnessed = testimony.commit + 1,
                .bytes_cut = 0,
                .damage = damaged.error().message};
  const RocksLogOptions lenient = Lenient(options);
  {
    JALON_ASSIGN_OR_RETURN(
        const auto kept, rocks::OpenChecked(folder, Database::Mode::kReadOnly, lenient, testimony));
    tail.entries_kept = kept.extent.next_commit;
  }
  JALON_RETURN_IF_ERROR(CheckWitnesses(folder, lenient, witnesses));
  const std::string database_path = rocks::DatabasePath(folder);
  JALON_ASSIGN_OR_RETURN(const rocks::RecordDamage wal, CheckNothingBehind(database_path));
  // It opened, so nothing sound lies behind its damage. But its last record may have been synced,
  // and rotted since: tables that nothing else names would then be deleted.
  JALON_ASSIGN_OR_RETURN(const rocks::RecordDamage manifest,
                         rocks::FindManifestDamage(database_path));
  if (manifest.bytes > 0) {
    JALON_RETURN_IF_ERROR(CheckEveryEntry(folder, lenient));
    tail.tables = true;
  }
  tail.bytes_cut = wal.bytes + manifest.bytes;
  return tail;
}

std::unexpected<Error> CannotKeep(const std::string& evidence, const std::error_code& error) {
  return Fail(Code::kUnavailable, "LOG_UNREADABLE",
              fmt::format("cannot keep the damaged files in {}: {}; nothing was cut", evidence,
                          error.message()));
}

// Before the cut, so that none is without its line; one that dies midway is made, and said, again.
Result<void> Record(const std::string& folder, Micros at, const TornTail& tail) {
  const std::string history = folder + "/cuts/history";
  const std::error_code failed = AppendDurably(
      history,
      fmt::format("{}\tkept {} entries\t{}\n", at.count(), tail.entries_kept, tail.damage));
  if (!failed) return {};
  return Fail(Code::kUnavailable, "LOG_UNREADABLE",
              fmt::format("cannot write {}: {}; nothing was cut: see that it can be written, then "
                          "repair again",
                          history, failed.message()));
}

// Copies what opening may change: all but the tables, which are linked where some may go.
Result<void> KeepEvidence(const std::string& folder, const std::string& evidence, bool tables) {
  std::error_code error;
  fs::create_directories(evidence, error);
  if (error) return CannotKeep(evidence, error);
  fs::copy_file(rocks::WitnessPath(folder), evidence + "/witness", error);
  if (error) return CannotKeep(evidence, error);
  for (const auto& file : fs::directory_iterator(rocks::DatabasePath(folder), error)) {
    const fs::path& path = file.path();
    const bool is_table = path.extension() == ".sst";
    if ((is_table && !tables) || !file.is_regular_file()) continue;
    if (is_table) {
      fs::create_hard_link(path, evidence / path.filename(), error);
    } else {
      fs::copy_file(path, evidence / path.filename(), error);
    }
    if (error) return CannotKeep(evidence, error);
  }
  if (error) return CannotKeep(evidence, error);
  const int directory = ::open(evidence.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = directory >= 0 && ::syncfs(directory) == 0;
  if (!synced) error = std::error_code(errno, std::generic_category());
  if (directory >= 0) ::close(directory);
  if (!synced) return CannotKeep(evidence, error);
  return {};
}

}  // namespace

Result<TornTail> FindTornTail(const std::string& folder, const std::vector<NamedWitness>& witnesses,
                              const RocksLogOptions& options) {
  JALON_RETURN_IF_ERROR(rocks::CheckFolder(folder));
  JALON_ASSIGN_OR_RETURN(const auto witness, rocks::Witness::Open(rocks::WitnessPath(folder)));
  return Find(folder, witnesses, options, witness->Last());
}

Result<CutReport> RepairCutTail(const std::string& folder,
                                const std::vector<NamedWitness>& witnesses, const Clock& clock,
                                const RocksLogOptions& options) {
  JALON_RETURN_IF_ERROR(rocks::CheckFolder(folder));
  JALON_ASSIGN_OR_RETURN(const auto witness, rocks::Witness::Open(rocks::WitnessPath(folder)));
  const rocks::Testimony testimony = witness->Last();
  CutReport report;
  JALON_ASSIGN_OR_RETURN(report.tail, Find(folder, witnesses, options, testimony));
  const Micros now = clock.Wall();
  report.evidence = fmt::format("{}/cuts/{}", folder, now.count());
  JALON_RETURN_IF_ERROR(KeepEvidence(folder, report.evidence, report.tail.tables));
  JALON_RETURN_IF_ERROR(Record(folder, now, report.tail));
  JALON_RETURN_IF_ERROR(rocks::OpenChecked(folder, Database::Mode::kWrite, Lenient(options),
                                           testimony));  // this cuts
  JALON_ASSIGN_OR_RETURN(const auto sound,
                         rocks::OpenChecked(folder, Database::Mode::kReadOnly, options, testimony));
  if (sound.extent.next_commit != report.tail.entries_kept) {
    return Fail(Code::kDataLoss, "LOG_CORRUPT",
                fmt::format("{} entries were to be kept, {} are there; the files as they were are "
                            "in {}",
                            report.tail.entries_kept, sound.extent.next_commit, report.evidence));
  }
  return report;
}

}  // namespace jalon::eventstore
