#include "eventstore/writer/partition_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "eventstore/base/limits.h"
#include "eventstore/log/genesis.h"
#include "eventstore/writer/seeded_bugs.h"

namespace jalon::eventstore {
namespace {

constexpr uint32_t kLevelAtBirth = 1;

std::unexpected<Error> Diverged(Partition partition, std::string_view what) {
  return Fail(
      Code::kDataLoss, "PARTITION_DIVERGED",
      fmt::format("partition {}: {}; restore the log from a backup", partition.value, what));
}

}  // namespace

PartitionState::PartitionState(Partition partition, Log& log, StateStore& store,
                               const Application& application, size_t row_bytes_max)
    : partition_(partition),
      log_(log),
      store_(store),
      application_(application),
      row_bytes_max_(row_bytes_max),
      rows_(partition, store, application, row_bytes_max),
      dedupe_(partition, store) {}

Result<Offset> PartitionState::Open() {
  JALON_ASSIGN_OR_RETURN(const log::v1::Genesis genesis, ReadGenesis(log_, partition_));
  log_incarnation_ = genesis.log_incarnation();
  JALON_ASSIGN_OR_RETURN(std::optional<StateCheckpoint> checkpoint, store_.Checkpoint(partition_));
  if (!checkpoint) {
    JALON_RETURN_IF_ERROR(store_.Clear(partition_));  // what an interrupted Clear left
    return Offset{0};
  }
  if (checkpoint->log_incarnation != log_incarnation_) {
    return Fail(Code::kFailedPrecondition, "LOG_IS_ANOTHER",
                fmt::format("partition {}: its state is of another log; start with that log (--log "
                            "where it is on Kafka), or, if this is the right one, remove the "
                            "folder of the state to rebuild it",
                            partition_.value));
  }
  // The checkpoint is a witness of the log even where its rows are of no use any more.
  JALON_ASSIGN_OR_RETURN(const Offset end, log_.Head(partition_));
  if (checkpoint->head.offset >= end) {
    return Diverged(partition_, fmt::format("its state was folded up to offset {}, the log ends at "
                                            "{}",
                                            checkpoint->head.offset.value, end.value));
  }
  JALON_RETURN_IF_ERROR(eventstore::CheckAnchor(log_, partition_, checkpoint->head));
  if (checkpoint->version != application_.EvolveVersion()) {
    JALON_RETURN_IF_ERROR(store_.Clear(partition_));
    return Offset{0};
  }
  head_ = checkpoint->head;
  recorded_at_ = Micros(checkpoint->recorded_at);
  dedupe_.set_newest_stored_ms(checkpoint->newest_request_ms);
  return Offset{head_.offset.value + (Seeded(SeededBug::kReplaySkipsOne) ? 2 : 1)};
}

Result<void> PartitionState::CheckAnchor() const {
  if (!IsBorn(head_)) return {};
  return eventstore::CheckAnchor(log_, partition_, head_);
}

uint32_t PartitionState::level() const { return std::max(head_.level, kLevelAtBirth); }

Fate PartitionState::Count(const StoredEntry& entry, const EntryFrame& frame,
                           const Hash* record_hash) {
  EntryFrame seen = frame;
  if (Seeded(SeededBug::kNoEpochId) && frame.kind == EntryFrame::Kind::kRecord) {
    seen.epoch_id = View(head_.epoch_id);
    seen.prev_hash = View(head_.hash);
  }
  return Classify(head_, entry.offset, seen, *entry.bytes, record_hash);
}

Result<void> PartitionState::FoldRecord(const EntryFrame& record) {
  log::v1::Record& parsed = scratch_;
  if (!parsed.ParseFromArray(record.body.data(), static_cast<int>(record.body.size()))) {
    return Diverged(partition_, "a counted record cannot be read");
  }
  if (parsed.events_size() > 0) {
    RowEdit edit(rows_, /*in_place=*/true);
    JALON_RETURN_IF_ERROR(application_.Evolve(parsed, edit));
    if (!rows_.failure().reason.empty()) return std::unexpected(rows_.failure());
    rows_.Set(edit.Take());
  }
  if (!parsed.request_id().empty()) {
    dedupe_.Set(parsed.tenant(), parsed.request_id(),
                {head_.seq, Micros(parsed.recorded_at()), HashFrom(parsed.body_mac()),
                 std::move(*parsed.mutable_reply())});
  }
  recorded_at_ = std::max(recorded_at_, Micros(parsed.recorded_at()));
  ++unflushed_records_;
  return {};
}

void PartitionState::FoldInFlight(Micros recorded_at, Dedupe::Node* request, RowVersions versions) {
  rows_.Count(std::move(versions));
  if (request != nullptr) dedupe_.Count(request);
  recorded_at_ = std::max(recorded_at_, recorded_at);
  ++unflushed_records_;
}

bool PartitionState::WantsFlush() const {
  return rows_.WantsFlush() || dedupe_.unflushed_bytes() > row_bytes_max_ / 2;
}

Result<void> PartitionState::Flush() {
  // Twice what came in, so that pruning keeps up with a rate that fell.
  const size_t prune_max = limits::kPrunedPerFlush + 2 * unflushed_records_;
  changes_.clear();
  rows_.Changes(&changes_);
  JALON_RETURN_IF_ERROR(dedupe_.Changes(recorded_at_, prune_max, &changes_));
  StateCheckpoint checkpoint;
  checkpoint.head = head_;
  checkpoint.version = application_.EvolveVersion();
  checkpoint.log_incarnation = log_incarnation_;
  checkpoint.recorded_at = recorded_at_.count();
  checkpoint.newest_request_ms = dedupe_.newest_stored_ms();
  if (Seeded(SeededBug::kCheckpointApart)) {
    JALON_RETURN_IF_ERROR(store_.Write(partition_, {}, checkpoint));
  }
  JALON_RETURN_IF_ERROR(store_.Write(partition_, changes_, checkpoint));
  rows_.Flushed();
  dedupe_.Flushed();
  unflushed_records_ = 0;
  return {};
}

}  // namespace jalon::eventstore
