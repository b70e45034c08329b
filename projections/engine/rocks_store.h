// Views at rest in RocksDB: one database, one column family, no WAL.
//
// Durability: see store.h. One family's memtables are flushed in the order in which they were
// written, so what survives a kill is a prefix of the batches: rows and checkpoint cannot part (a
// checkpoint in another family was found to in most kills).
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "projections/engine/store.h"

namespace rocksdb {
class Env;
}

namespace jalon::projections {

struct RocksViewStoreOptions {
  std::string path;  // made if it is not there
  size_t block_cache_bytes = 64 * 1024 * 1024;
  size_t memtable_bytes = 32 * 1024 * 1024;  // at most three of them
  rocksdb::Env* env = nullptr;               // for tests: a disk that fails; outlives the store
};

class RocksViewStore final : public ViewStore {
 public:
  // Opens the folder alone: another process that has it open makes this fail. Generations that no
  // directory names, left by a rebuild that did not get to its end, are dead and go at the next
  // Collect.
  // UNAVAILABLE INTERNAL if the folder cannot be opened; DATA_LOSS INTERNAL if it is damaged:
  // delete it then, the views are rebuilt from the log.
  static Result<std::unique_ptr<RocksViewStore>> Open(const RocksViewStoreOptions& options);
  ~RocksViewStore() override;

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

 private:
  struct Impl;
  explicit RocksViewStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalon::projections
