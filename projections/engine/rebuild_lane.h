// One partition of a rebuild: how far it is, and the rows of each view that is built in it.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "eventstore/log/log.h"
#include "projections/engine/partition_fold.h"
#include "projections/engine/row_table.h"
#include "projections/engine/run_plan.h"

namespace jalon::projections {

class RebuildLane {
 public:
  // Reads up to `end`, which the log has reached.
  RebuildLane(Partition partition, Offset end, ViewStore& store, const ViewSet& views);

  // Builds this view too. Once per view, before the first Fold.
  void Build(size_t view);

  Partition partition() const { return partition_; }
  Offset end() const { return end_; }

  // Folds the next entries; returns how many events they hold.
  Result<uint64_t> Fold(const std::vector<eventstore::StoredEntry>& entries);

  // Rough bytes of rows in memory; exact after Weigh.
  size_t weight() const;
  void Weigh();
  // Writes all rows as a run of each generation, without a checkpoint, and drops them from memory.
  Result<void> Spill();

  // Takes all rows for writing, each generation with its checkpoint.
  std::vector<RunPart> TakeParts();
  std::vector<BuiltGeneration> Built() const;

 private:
  const Partition partition_;
  const Offset end_;
  ViewStore& store_;
  const ViewSet& views_;
  Cursor cursor_;
  std::vector<std::unique_ptr<RowTable>> tables_;  // by view; null: not built
  std::vector<ViewRows*> rows_;                    // the same
};

}  // namespace jalon::projections
