// The state of one partition, folded from counted records only: rows, accepted requests, and the
// head of the chain they are current as of. Rests in the state store between restarts.
//
// Life of a start: checkpoint read → its entry found in the log again (else: refused, the log or
// the state was lost or changed) → entries after it folded. If the process dies at any point, what
// was not flushed is folded again.
//
// Thread safety: one thread at a time.
// Invariants: nothing that does not count is folded; the store's rows and checkpoint are one
// Write's.
#pragma once

#include <vector>

#include "eventstore/log/classify.h"
#include "eventstore/log/log.h"
#include "eventstore/writer/application.h"
#include "eventstore/writer/dedupe.h"
#include "eventstore/writer/rows.h"
#include "eventstore/writer/state_store.h"

namespace jalon::eventstore {

class PartitionState {
 public:
  PartitionState(Partition partition, Log& log, StateStore& store, const Application& application,
                 size_t row_bytes_max);

  // Loads the checkpoint and returns the offset to read on from. State of another evolve version is
  // dropped. FAILED_PRECONDITION LOG_IS_ANOTHER if the checkpoint is of another log, DATA_LOSS
  // PARTITION_DIVERGED if the log does not hold what it is of; the errors of ReadGenesis.
  Result<Offset> Open();

  // That the log still holds the last entry counted: for a takeover, a gap. Errors as Open.
  Result<void> CheckAnchor() const;

  const ChainHead& head() const { return head_; }
  // What entries are written for: readers of this level, at least.
  uint32_t level() const;
  const Bytes& log_incarnation() const { return log_incarnation_; }
  // Of the last counted record; 0 before the first.
  Micros recorded_at() const { return recorded_at_; }
  RowTable& rows() { return rows_; }
  Dedupe& dedupe() { return dedupe_; }

  // Counts one entry, or not: see Classify. A counted one must then be folded before the next.
  Fate Count(const StoredEntry& entry, const EntryFrame& frame, const Hash* record_hash);

  // Folds what has just counted. DATA_LOSS if the entry is not what this binary can fold.
  Result<void> FoldRecord(const EntryFrame& record);
  // The same for a record that was in flight here, whose rows are known. `request` is null in a
  // barrier.
  void FoldInFlight(Micros recorded_at, Dedupe::Node* request, RowVersions versions);

  // Records folded since the last flush.
  size_t unflushed_records() const { return unflushed_records_; }
  // Memory asks for a flush.
  bool WantsFlush() const;
  // Stores every change and the checkpoint in one Write.
  Result<void> Flush();

 private:
  const Partition partition_;
  Log& log_;
  StateStore& store_;
  const Application& application_;
  const size_t row_bytes_max_;
  RowTable rows_;
  Dedupe dedupe_;
  ChainHead head_;
  Bytes log_incarnation_;
  Micros recorded_at_{};
  size_t unflushed_records_ = 0;
  log::v1::Record scratch_;
  std::vector<RowChange> changes_;
};

}  // namespace jalon::eventstore
