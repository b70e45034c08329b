// Where views rest: an ordered map of keys (layout.h) with atomic batches, snapshots, and the
// ingestion of sorted runs.
//
// Durability: the log is the truth, so no write is synced; what must hold is order. After a crash
// the map holds every batch up to some point and none after it, that point being no earlier than
// the last Flush. An ingestion is durable when it returns, whatever becomes of the batches before
// it: so nothing may refer to a run but a batch that is written after its ingestion.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/result.h"
#include "projections/engine/layout.h"

namespace jalon::projections {

// Changes that are written together or not at all.
class StoreBatch {
 public:
  virtual ~StoreBatch() = default;
  virtual void Put(std::string_view key, std::string_view value) = 0;
  virtual void Delete(std::string_view key) = 0;
  virtual void Clear() = 0;
};

// The map as it was at one moment. Thread safety: any thread.
class StoreSnapshot {
 public:
  virtual ~StoreSnapshot() = default;
  virtual Result<std::optional<std::string>> Get(std::string_view key) const = 0;
  // Calls `visit` for the keys in [from, until), ascending, until it returns false. An empty
  // `until` is the end. Views are valid during the call only.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  virtual Result<void> Scan(std::string_view from, std::string_view until,
                            const Visit& visit) const = 0;
};

// A sorted run on its way into the map.
// REQUIRES: keys are strictly ascending; of one generation or more, none of which serves.
class RunWriter {
 public:
  virtual ~RunWriter() = default;  // of a run that was not ingested: leaves nothing behind
  virtual Result<void> Put(std::string_view key, std::string_view value) = 0;
  virtual Result<void> Delete(std::string_view key) = 0;
  // No key comes after this. REQUIRES: at least one key came.
  virtual Result<void> Finish() = 0;
  virtual uint64_t bytes() const = 0;
};

struct GenerationSize {
  uint64_t rows = 0;   // estimated
  uint64_t bytes = 0;  // estimated, on disk
};

// Thread safety: any thread; writes to one partition's keys keep the order of one caller.
class ViewStore {
 public:
  virtual ~ViewStore() = default;

  virtual std::unique_ptr<StoreBatch> NewBatch() = 0;
  // Any error is final: the process must not write on.
  virtual Result<void> Write(StoreBatch& batch) = 0;
  virtual Result<std::optional<std::string>> Get(std::string_view key) = 0;
  // What every batch and run up to now left. Held for a short time only: it keeps old rows.
  virtual std::shared_ptr<const StoreSnapshot> Snapshot() = 0;

  virtual Result<std::unique_ptr<RunWriter>> NewRun() = 0;
  // Adds finished runs in one atomic step. REQUIRES: their key ranges do not overlap.
  virtual Result<void> Ingest(std::vector<std::unique_ptr<RunWriter>> runs) = 0;

  // A generation that was never used.
  virtual Generation NewGeneration() = 0;
  // Nobody reads or writes this generation any more, and what serves instead is written. Its rows
  // go at the next Collect.
  virtual void Retire(Generation generation) = 0;
  // Makes durable what took the place of the retired generations, then drops their rows. May take
  // long; not for a thread that steps.
  virtual Result<void> Collect() = 0;

  // Makes what is written survive a crash; without `wait`, soon.
  virtual Result<void> Flush(bool wait) = 0;
  virtual GenerationSize SizeOf(Generation generation) = 0;
};

}  // namespace jalon::projections
