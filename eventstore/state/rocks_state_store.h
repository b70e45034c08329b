// State rows of every partition in one RocksDB database, <data>/state, in one column family. In one
// family the checkpoint is there exactly if the rows written with it are, even without a WAL, since
// a flush keeps whole batches in their order; in two it was not after most kills.
//
// Key: partition (4, big-endian) ‖ key; the checkpoint is the row of the empty key.
//
// Thread safety: every call may come from any thread.
// Durability: no WAL, nothing is synced; see state_store.h.
#pragma once

#include <memory>
#include <string>

#include "eventstore/base/result.h"
#include "eventstore/writer/state_store.h"

namespace rocksdb {
class DB;
}

namespace jalon::eventstore {

struct RocksStateOptions {
  std::string folder;  // made if it is not there
  size_t block_cache_bytes = 32 * 1024 * 1024;
  size_t write_buffer_bytes = 16 * 1024 * 1024;
};

class RocksStateStore final : public StateStore {
 public:
  // DATA_LOSS STATE_CORRUPT if the database is damaged; INTERNAL if the folder cannot be used.
  static Result<std::unique_ptr<RocksStateStore>> Open(const RocksStateOptions& options);
  ~RocksStateStore() override;

  Result<std::optional<std::string>> Get(Partition partition, std::string_view key) override;
  Result<std::vector<StoredRow>> Scan(Partition partition, std::string_view first,
                                      std::string_view last, size_t rows_max) override;
  Result<void> Write(Partition partition, const std::vector<RowChange>& changes,
                     const StateCheckpoint& checkpoint) override;
  Result<std::optional<StateCheckpoint>> Checkpoint(Partition partition) override;
  Result<void> Clear(Partition partition) override;

 private:
  explicit RocksStateStore(std::unique_ptr<rocksdb::DB> db);

  const std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace jalon::eventstore
