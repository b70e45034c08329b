// One partition as its projector folds it: the tables of the views that serve, the position all of
// them stand at, and generations that were built beside and catch up to take their place.
//
// If the process dies: before a batch is written, the entries since the last one are folded again;
// after a generation was ingested and before the directory names it, it is dead and collected;
// after the directory names it, it serves from the next start on.
//
// Thread safety: none; belongs to the projector's thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "eventstore/log/log.h"
#include "projections/engine/publication.h"
#include "projections/engine/row_table.h"

namespace jalon::projections {

// A view in a partition that has to be built before the partition can serve.
struct MissingView {
  size_t view = 0;  // index in the set
  Partition partition{};
};

// A generation that a rebuild ingested with its checkpoint.
struct BuiltGeneration {
  size_t view = 0;
  Partition partition{};
  Generation generation{};
};

// What several partitions take over together.
struct Adoption {
  size_t left = 0;  // generations that do not serve yet
  std::optional<Error> error;
  std::function<void(Result<void>)> done;
};

// A partition at its projector's last Step.
struct PartitionStatus {
  Partition partition{};
  AsOf as_of;
  Offset next{};                        // read on from here
  bool serving = false;                 // every view answers queries
  std::vector<Generation> generations;  // by view; 0: missing
  std::vector<bool> joining;            // by view: another generation catches up beside
  std::optional<Error> error;           // why it stopped
};

class PartitionFold {
 public:
  PartitionFold(Partition partition, eventstore::Log& log, ViewStore& store, const ViewSet& views);

  // Reads where the partition stands and holds it against the log. Views without rows of their
  // version are built by folding if the log has at most `fold_entries_max` entries; otherwise they
  // are Missing().
  // DATA_LOSS PARTITION_DIVERGED: the checkpoint is beyond the log's head, or not of its chain.
  Result<void> Open(uint64_t fold_entries_max);

  Partition partition() const { return partition_; }
  const Cursor& cursor() const { return cursor_; }
  // Some view serves or will: entries from next() on are to be passed to Fold.
  bool following() const { return following_ && !error_; }
  Offset next() const { return next_; }
  // Has read up to the head sampled by Open.
  bool ReachedHead() const { return next_ >= reach_; }
  // Every view is there besides.
  bool Serving() const;
  std::vector<MissingView> Missing() const;
  PartitionStatus Status() const;

  // Takes the next entry; on an error the partition stops.
  void Fold(const eventstore::StoredEntry& entry);
  // Stops the partition if the log does not hold the last entry folded any more; true if so.
  bool StopIfDiverged();
  // Takes over a generation: it catches up, then serves.
  void Join(const BuiltGeneration& built, std::shared_ptr<Adoption> adoption);
  // Lets go of what joins: it is dead, and its adoptions fail with `error`.
  void Abandon(const Error& error);
  // Brings what joins forward by at most `entries` each; true if more is to do at once. What cannot
  // be is refused, and the partition stops only if it diverged.
  bool CatchUp(size_t entries);

  // Adds all that changed since the last time, with the position, to the batch; true if there was
  // anything. A generation that has caught up takes its place in the same batch.
  bool Collect(StoreBatch& batch);
  // The batch is written, or the partition stopped: returns what queries shall see.
  std::shared_ptr<const PublishedPartition> Publish();
  // The adoptions that came to their end here, to be answered once that is published.
  std::vector<std::shared_ptr<Adoption>> TakeComplete();

  // Something to publish though nothing was collected: it began to serve, stopped, or could not
  // take a generation over.
  bool HasNews() const;

  // Rough bytes of rows in memory.
  size_t Weight() const;
  // REQUIRES: all that changed was collected and written.
  void Shrink(size_t weight);
  // Records counted since the last Collect.
  uint64_t uncollected() const { return uncollected_; }

 private:
  struct Joiner {
    size_t view;
    Cursor cursor;
    Offset next;
    std::unique_ptr<RowTable> table;
    std::shared_ptr<Adoption> adoption;
    bool advanced = false;
  };

  Result<void> OpenDirectory(const Directory& directory);
  Result<void> CheckAgainstLog(const Cursor& cursor);
  void Install(size_t view, std::unique_ptr<RowTable> table);
  void JoinFresh(size_t view);
  // Another generation of the view is being built beside.
  bool Joining(size_t view) const;
  // The generation is dead, and its adoption fails.
  void Refuse(Generation generation, std::shared_ptr<Adoption> adoption, Error error);
  Result<void> AdvanceJoiner(Joiner& joiner, size_t entries);
  // The joiner cannot go on: true if it alone is given up, false if the partition stops.
  bool Fails(Joiner& joiner, const Error& error);
  // Stands where the partition does.
  bool CaughtUp(const Joiner& joiner) const { return joiner.cursor == cursor_; }
  // The joiner's table takes the place of the one that served.
  void Swap(Joiner& joiner);
  void WriteChanges(RowTable& table, StoreBatch& batch);
  void Stop(Error error);
  Directory MakeDirectory() const;

  const Partition partition_;
  eventstore::Log& log_;
  ViewStore& store_;
  const ViewSet& views_;
  Cursor cursor_;
  Offset next_{};
  Offset reach_{};  // the head sampled by Open
  bool following_ = false;
  bool moved_ = false;  // the position or the directory, since the last Collect
  uint64_t uncollected_ = 0;
  std::vector<std::unique_ptr<RowTable>> tables_;  // by view; null: missing
  std::vector<ViewRows*> rows_;                    // the same
  std::vector<std::unique_ptr<Joiner>> joiners_;
  std::shared_ptr<GenerationMap> map_;  // as published
  AsOf as_of_;                          // as published
  bool published_serving_ = false;
  bool published_error_ = false;
  std::vector<Generation> replaced_;  // since the last Publish
  std::vector<std::shared_ptr<Adoption>> complete_;
  std::optional<Error> error_;
  std::string scratch_;
};

}  // namespace jalon::projections
