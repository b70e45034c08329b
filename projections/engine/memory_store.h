// Views in memory, for tests and the simulation: the contract of store.h without RocksDB, and with
// crashes on demand.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/mutex.h"
#include "projections/engine/store.h"

namespace jalon::projections {

class MemoryViewStore final : public ViewStore {
 public:
  MemoryViewStore();
  ~MemoryViewStore() override;

  std::unique_ptr<StoreBatch> NewBatch() override;
  Result<void> Write(StoreBatch& batch) override;
  Result<std::optional<std::string>> Get(std::string_view key) override;
  std::shared_ptr<const StoreSnapshot> Snapshot() override;
  Result<std::unique_ptr<RunWriter>> NewRun() override;
  Result<void> Ingest(std::vector<std::unique_ptr<RunWriter>> runs) override;
  Generation NewGeneration() override;
  void Retire(Generation generation) override;
  Result<void> Collect() override;
  Result<void> Flush(bool wait) override;
  GenerationSize SizeOf(Generation generation) override;

  // The process dies: of the batches since the last Flush the first `kept` survive; generations
  // that no directory names are dead. REQUIRES: no snapshot is held.
  void Crash(size_t kept);
  size_t UnflushedBatches() const;
  // The generations that have rows.
  std::set<Generation> Generations() const;

 private:
  class Snap;
  struct Change {
    std::string key;
    std::optional<std::string> value;
  };
  using Changes = std::vector<Change>;
  class Batch;
  class Run;
  // The values a key had, by the change that set them, ascending.
  struct Version {
    uint64_t number;
    std::optional<std::string> value;
  };
  using Versions = std::deque<Version>;

  void Apply(const Changes& changes) JALON_REQUIRES(mutex_);
  void Drop(Generation generation) JALON_REQUIRES(mutex_);
  const std::optional<std::string>* At(const Versions& versions, uint64_t number) const;

  mutable Mutex mutex_;
  std::map<std::string, Versions, std::less<>> rows_ JALON_GUARDED_BY(mutex_);
  uint64_t number_ JALON_GUARDED_BY(mutex_) = 0;  // of the last change
  std::multiset<uint64_t> snapshots_ JALON_GUARDED_BY(mutex_);
  std::map<std::string, std::string> flushed_ JALON_GUARDED_BY(mutex_);
  std::vector<Changes> unflushed_ JALON_GUARDED_BY(mutex_);
  std::set<Generation> retired_ JALON_GUARDED_BY(mutex_);
  Generation next_ JALON_GUARDED_BY(mutex_){1};
};

}  // namespace jalon::projections
