// Builds generations of views beside those that serve: one pass over the log from its first entry
// feeds every fold that is asked for; rows are folded in memory, written as sorted runs, and
// ingested with their checkpoints in one step. A projector then takes them over.
//
// Owns no thread: the caller gives as many as it likes, each of which calls Work. Partitions are
// folded in parallel, each by one thread at a time, and the runs are written in parallel.
//
// Life of a rebuild: Open → Work on every thread → Finish → Projector::Adopt → swapped. If the
// process dies before the swap: whatever was ingested is of a generation that no directory names,
// dead from the start, and dropped by ViewStore::Collect; the rebuild begins anew.
//
// Memory: rows are kept up to RebuildOptions::memory_bytes. Beyond, they are spilled: written as a
// run of their generation and looked up in the store when they are needed again. That costs a read
// per row: the rate falls to about a fifth, and Progress() says `spilled`.
//
// Thread safety: Work, Cancel and Progress from any thread; the rest from one.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "eventstore/base/result.h"
#include "eventstore/log/log.h"
#include "projections/engine/partition_fold.h"
#include "projections/engine/store.h"
#include "projections/engine/view_set.h"

namespace jalon::projections {

struct RebuildOptions {
  // What to build: each view in each partition at most once.
  std::vector<MissingView> targets;
  size_t memory_bytes = size_t{256} * 1024 * 1024;
};

struct RebuildProgress {
  enum class Phase { kFolding, kIngesting, kFinished } phase = Phase::kFolding;
  uint64_t entries_done = 0;
  uint64_t entries_total = 0;  // as known at Open
  uint64_t events_done = 0;    // in counted records, whether a view wanted them or not
  bool spilled = false;
};

class Rebuild {
 public:
  // References must outlive the rebuild.
  Rebuild(RebuildOptions options, eventstore::Log& log, ViewStore& store, const ViewSet& views);
  // Generations that Finish did not hand out are dead.
  ~Rebuild();

  // Samples how far to read, and begins. Once, before Work.
  Result<void> Open();
  // Works until all is folded and written, or the rebuild was cancelled or failed. Waits for other
  // threads' work where there is none of its own.
  void Work();
  // Makes Work return soon.
  void Cancel();
  // REQUIRES: every Work has returned, and one was called. Ingests what was built, each generation
  // with its checkpoint. CANCELLED if the rebuild was cancelled; DATA_LOSS as from FoldEntry.
  Result<std::vector<BuiltGeneration>> Finish();

  RebuildProgress Progress() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalon::projections
