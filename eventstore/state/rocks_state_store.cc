#include "eventstore/state/rocks_state_store.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <utility>

#include "eventstore/state/checkpoint_codec.h"

namespace jalon::eventstore {
namespace {

using rocksdb::Slice;

constexpr size_t kClearedPerBatch = 10'000;
constexpr size_t kPartitionBytes = 4;

void AppendPartition(Partition partition, std::string* key) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    *key += static_cast<char>(partition.value >> shift & 0xff);
  }
}

std::string KeyOf(Partition partition, std::string_view key) {
  std::string stored;
  stored.reserve(kPartitionBytes + key.size());
  AppendPartition(partition, &stored);
  stored += key;
  return stored;
}

Error From(const rocksdb::Status& status, std::string_view doing) {
  if (status.IsCorruption()) {
    return {Code::kDataLoss,
            "STATE_CORRUPT",
            fmt::format("{} the writer's state: {}; remove state/, it is rebuilt from the log",
                        doing, status.ToString()),
            {}};
  }
  return {Code::kInternal,
          "INTERNAL",
          fmt::format("{} the writer's state: {}; see to the disk, then restart this node", doing,
                      status.ToString()),
          {}};
}

rocksdb::Options DatabaseOptions(const RocksStateOptions& given) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.paranoid_checks = true;
  options.max_bgerror_resume_count = 0;  // an error stays one until a restart
  options.write_buffer_size = given.write_buffer_bytes;
  options.max_write_buffer_number = 3;
  options.max_background_jobs = 2;
  options.max_open_files = 256;
  options.keep_log_file_num = 4;
  options.max_log_file_size = 4 * 1024 * 1024;
  // Most look-ups are of request ids that are not there: filters answer those.
  options.memtable_prefix_bloom_size_ratio = 0.05;
  options.memtable_whole_key_filtering = true;
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.whole_key_filtering = true;
  table.block_cache = rocksdb::NewLRUCache(given.block_cache_bytes);
  // Indexes and filters stay with their open files, a hundredth of the data: a file's may be larger
  // than a shard of the cache, and would then be read for every look-up.
  table.cache_index_and_filter_blocks = false;
  table.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::WriteOptions NoWal() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return options;
}

}  // namespace

RocksStateStore::RocksStateStore(std::unique_ptr<rocksdb::DB> db) : db_(std::move(db)) {}
RocksStateStore::~RocksStateStore() = default;

Result<std::unique_ptr<RocksStateStore>> RocksStateStore::Open(const RocksStateOptions& options) {
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::Open(DatabaseOptions(options), options.folder, &db);
  if (!opened.ok()) return std::unexpected(From(opened, "opening"));
  return std::unique_ptr<RocksStateStore>(new RocksStateStore(std::unique_ptr<rocksdb::DB>(db)));
}

Result<std::optional<std::string>> RocksStateStore::Get(Partition partition, std::string_view key) {
  rocksdb::PinnableSlice value;
  const rocksdb::Status status =
      db_->Get(rocksdb::ReadOptions(), db_->DefaultColumnFamily(), KeyOf(partition, key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return std::unexpected(From(status, "reading"));
  return std::string(value.data(), value.size());
}

Result<std::vector<StoredRow>> RocksStateStore::Scan(Partition partition, std::string_view first,
                                                     std::string_view last, size_t rows_max) {
  const std::string begin = KeyOf(partition, first);
  const std::string end = KeyOf(partition, last);
  const Slice end_slice = end;
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &end_slice;
  const std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator(options));
  std::vector<StoredRow> found;
  for (rows->Seek(begin); rows->Valid() && found.size() < rows_max; rows->Next()) {
    found.push_back({rows->key().ToString().substr(kPartitionBytes), rows->value().ToString()});
  }
  if (!rows->status().ok()) return std::unexpected(From(rows->status(), "reading"));
  return found;
}

Result<void> RocksStateStore::Write(Partition partition, const std::vector<RowChange>& changes,
                                    const StateCheckpoint& checkpoint) {
  rocksdb::WriteBatch batch;
  std::string key = KeyOf(partition, {});
  batch.Put(key, EncodeCheckpoint(checkpoint));
  for (const RowChange& change : changes) {
    key.resize(kPartitionBytes);
    key += change.key;
    if (change.value) {
      batch.Put(key, *change.value);
    } else {
      batch.Delete(key);
    }
  }
  const rocksdb::Status status = db_->Write(NoWal(), &batch);
  if (!status.ok()) return std::unexpected(From(status, "writing"));
  return {};
}

Result<std::optional<StateCheckpoint>> RocksStateStore::Checkpoint(Partition partition) {
  JALON_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, Get(partition, {}));
  if (!bytes) return std::nullopt;
  JALON_ASSIGN_OR_RETURN(StateCheckpoint checkpoint, DecodeCheckpoint(*bytes));
  return checkpoint;
}

// In batches, since a partition may be large; the checkpoint goes with the first, so that what an
// interruption leaves is never taken for whole. No DeleteRange: its tombstones spoil iterators in
// 7.8.3.
Result<void> RocksStateStore::Clear(Partition partition) {
  const std::string begin = KeyOf(partition, {});
  const std::string end = KeyOf(partition.Next(), {});
  const Slice end_slice = end;
  rocksdb::ReadOptions options;
  if (end > begin) options.iterate_upper_bound = &end_slice;  // the last partition has no end
  const std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator(options));
  rows->Seek(begin);
  while (rows->Valid()) {
    rocksdb::WriteBatch batch;
    for (size_t i = 0; i < kClearedPerBatch && rows->Valid(); ++i, rows->Next()) {
      batch.Delete(rows->key());
    }
    const rocksdb::Status status = db_->Write(NoWal(), &batch);
    if (!status.ok()) return std::unexpected(From(status, "clearing"));
  }
  if (!rows->status().ok()) return std::unexpected(From(rows->status(), "reading"));
  return {};
}

}  // namespace jalon::eventstore
