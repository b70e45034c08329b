#include "services/node/tail_cut.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "eventstore/base/archive.h"
#include "eventstore/log/rocks/repair.h"
#include "eventstore/log/rocks/rocks_log.h"
#include "eventstore/state/rocks_state_store.h"
#include "projections/engine/layout.h"
#include "projections/engine/rocks_store.h"
#include "services/node/data_folder.h"
#include "services/node/disk_space.h"
#include "services/node/files.h"
#include "services/node/last_words.h"

namespace jalon::node {
namespace {

using eventstore::NamedWitness;

// What the folds of a data folder have seen.
class Witnesses {
 public:
  explicit Witnesses(uint32_t partition_count) : partition_count_(partition_count) {}

  Result<void> AskState(const std::string& folder) {
    return Ask("state", folder, [&] { return ReadState(folder); });
  }
  Result<void> AskViews(const std::string& folder) {
    return Ask("views", folder, [&] { return ReadViews(folder); });
  }

  const std::vector<NamedWitness>& named() const { return named_; }
  const std::vector<cli::TailWitness>& summary() const { return summary_; }

 private:
  template <typename Read>
  Result<void> Ask(const std::string& name, const std::string& folder, const Read& read) {
    if (!std::filesystem::exists(folder)) return {};
    summary_.push_back({.name = name});
    const Result<void> asked = read();
    if (asked || asked.error().code != Code::kDataLoss) return asked;
    summary_.back().damage = asked.error().message;
    return {};
  }
  Result<void> ReadState(const std::string& folder);
  Result<void> ReadViews(const std::string& folder);

  // Goes on behind a partition that is damaged: those behind it may have seen more than anybody.
  template <typename ReadHead>
  Result<void> ReadEach(const ReadHead& read_head) {
    Result<void> damage;
    for (Partition partition{0}; partition.value < partition_count_; partition = partition.Next()) {
      const Result<std::optional<eventstore::ChainHead>> head = read_head(partition);
      if (head && *head) Add(partition, **head);
      if (head) continue;
      if (head.error().code != Code::kDataLoss) return std::unexpected(head.error());
      if (damage) damage = std::unexpected(head.error());
    }
    return damage;
  }

  void Add(Partition partition, const eventstore::ChainHead& head) {
    cli::TailWitness& witness = summary_.back();
    named_.push_back(
        {fmt::format("{} of partition {}", witness.name, partition.value), partition, head});
    witness.entries += head.offset.value + 1;
  }

  const uint32_t partition_count_;
  std::vector<NamedWitness> named_;
  std::vector<cli::TailWitness> summary_;
};

Result<void> Witnesses::ReadState(const std::string& folder) {
  JALON_ASSIGN_OR_RETURN(const auto store, eventstore::RocksStateStore::Open({.folder = folder}));
  return ReadEach([&](Partition partition) -> Result<std::optional<eventstore::ChainHead>> {
    JALON_ASSIGN_OR_RETURN(const auto checkpoint, store->Checkpoint(partition));
    if (!checkpoint) return std::nullopt;
    return checkpoint->head;
  });
}

Result<void> Witnesses::ReadViews(const std::string& folder) {
  JALON_ASSIGN_OR_RETURN(const auto store, projections::RocksViewStore::Open({.path = folder}));
  return ReadEach([&](Partition partition) -> Result<std::optional<eventstore::ChainHead>> {
    JALON_ASSIGN_OR_RETURN(const auto stored, store->Get(projections::DirectoryKey(partition)));
    if (!stored) return std::nullopt;
    projections::Directory directory;
    if (!Decode(*stored, &directory)) {
      return Fail(Code::kDataLoss, "INTERNAL",
                  fmt::format("what {} says of partition {} cannot be read; delete it: it is "
                              "rebuilt from the log",
                              folder, partition.value));
    }
    return directory.cursor.head;
  });
}

// The number of partitions stands before any damage of the tail.
Result<uint32_t> PartitionCount(const std::string& log_folder) {
  eventstore::RocksLogOptions lenient;
  lenient.wal_recovery = eventstore::WalRecovery::kUpToDamage;
  JALON_ASSIGN_OR_RETURN(const auto log, eventstore::RocksLog::OpenReadOnly(log_folder, lenient));
  return log->birth().Partitions();
}

cli::TailCut Describe(eventstore::TornTail tail, const Witnesses& witnesses, std::string evidence) {
  cli::TailCut cut{.entries_kept = tail.entries_kept,
                   .bytes_cut = tail.bytes_cut,
                   .damage = std::move(tail.damage),
                   .witnesses = {{.name = "log/witness", .entries = tail.entries_witnessed}},
                   .evidence = std::move(evidence)};
  cut.witnesses.insert(cut.witnesses.end(), witnesses.summary().begin(), witnesses.summary().end());
  return cut;
}

}  // namespace

Result<cli::TailCut> CutTail(const std::string& data, bool dry_run, const Clock& clock) {
  if (!std::filesystem::exists(LogIn(data))) {
    return Fail(Code::kNotFound, "LOG_NOT_BORN",
                fmt::format("there is no log in {}: name the server's data folder", data));
  }
  JALON_ASSIGN_OR_RETURN(const auto lock, FileLock::Take(LockIn(data)));
  LeaveLastWords(data);
  JALON_RETURN_IF_ERROR(NeedFree(data, kRoomToWork, "to repair, the damaged files being kept"));
  JALON_ASSIGN_OR_RETURN(const uint32_t partition_count, PartitionCount(LogIn(data)));
  Witnesses witnesses(partition_count);
  JALON_RETURN_IF_ERROR(witnesses.AskState(StateIn(data)));
  JALON_RETURN_IF_ERROR(witnesses.AskViews(ViewsIn(data)));
  if (dry_run) {
    JALON_ASSIGN_OR_RETURN(eventstore::TornTail tail,
                           eventstore::FindTornTail(LogIn(data), witnesses.named()));
    return Describe(std::move(tail), witnesses, "");
  }
  JALON_ASSIGN_OR_RETURN(eventstore::CutReport report,
                         eventstore::RepairCutTail(LogIn(data), witnesses.named(), clock));
  return Describe(std::move(report.tail), witnesses, std::move(report.evidence));
}

}  // namespace jalon::node
