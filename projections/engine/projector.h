// Folds a set of partitions into the views that queries read: follows the log, writes rows and
// position in one batch, lets queries see it, and swaps in what a rebuild built beside.
//
// Owns no thread and never waits: the node, or the simulator, calls Step. Several projectors may
// share a store, each with partitions of its own.
//
// Life of an entry: polled → classified → each event folded by the views that want it → the rows
// that changed and the directory written in one batch → published to queries → whoever waited for
// its position is answered. If the process dies: rows and position are those of one batch, so the
// entries after it are folded again at the next start, which serves nothing until it has reached
// the head of the log as it was then: so no answer ever goes back behind an earlier one.
//
// Thread safety: Open, Step and the destructor from one thread at a time; everything else from any.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/log/log.h"
#include "projections/engine/partition_fold.h"
#include "projections/engine/publication.h"

namespace jalon::projections {

struct ProjectorOptions {
  std::vector<Partition> partitions;
  // Decoded rows kept in memory, so that folding a hot row neither reads nor decodes it.
  size_t cached_row_bytes = 64 * 1024 * 1024;
  // What a restart folds again at most: then the store is flushed.
  uint64_t flush_records = 200'000;
  Micros flush_interval = std::chrono::seconds{10};
  // A view that is missing in a partition is built by Step if the log is not longer than this;
  // otherwise a Rebuild must do it.
  uint64_t fold_entries_max = 20'000;
};

struct ProjectorStatus {
  std::vector<PartitionStatus> partitions;
  uint64_t entries = 0;        // read
  uint64_t batches = 0;        // written
  std::optional<Error> error;  // the store or the log failed: end the process
};

class Projector {
 public:
  // References must outlive the projector.
  Projector(ProjectorOptions options, eventstore::Log& log, ViewStore& store, const ViewSet& views);
  // Whoever waits for a position, or for a swap, is answered NOT_SERVING.
  ~Projector();

  // Reads where every partition stands and starts to follow. Once, before the first Step. An error
  // refuses the start: DATA_LOSS PARTITION_DIVERGED where a checkpoint is beyond the log's head,
  // not of its chain, or of another life of the log.
  Result<void> Open();

  // Is called when Step has work again. Set before Open.
  void OnWork(std::function<void()> wake);

  // Does what can be done now; true if more work is ready at once. Otherwise call again at the next
  // wake, or after 50 ms (deadlines, flushes). `now` is of a clock that never goes back.
  bool Step(Micros now);

  // Every partition serves.
  bool Serving() const;
  // What has to be rebuilt before everything can serve; what a rebuild handed over is not in it.
  std::vector<MissingView> Missing() const;
  ProjectorStatus Status() const;

  // Takes over what a rebuild ingested: each generation catches up beside the one that serves, and
  // takes its place at the same position. `done` is called once: by the thread that steps,
  // when all serve or one could not, or with an error when the projector fails or ends; at once if
  // it has failed. Every partition must be one of this projector's.
  void Adopt(std::vector<BuiltGeneration> built, std::function<void(Result<void>)> done);

  // Where queries read.
  Publication& publication();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalon::projections
