// The log's RocksDB: two tables (row.h), opened so that damage is refused rather than mended, and
// written with an fsync or not at all.
//
// Thread safety: Write from one thread; reading from any.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/hash.h"
#include "eventstore/base/result.h"
#include "eventstore/log/rocks/options.h"
#include "eventstore/log/rocks/row.h"

namespace jalon::eventstore::rocks {

// Ends the process with a message: a log that could not write must not go on.
[[noreturn]] void EndProcess(std::string_view why);

// What RocksDB said, as an Error: DATA_LOSS LOG_CORRUPT for damage, else UNAVAILABLE
// LOG_UNREADABLE.
Error FromStatus(const rocksdb::Status& status, std::string_view doing);

inline rocksdb::Slice ToSlice(std::string_view view) { return {view.data(), view.size()}; }
inline std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// The SHA-256 of a row: what a witness holds of it.
Hash HashOfRow(uint64_t commit, std::string_view value);
Hash HashOfEntry(uint64_t commit, Partition partition, Offset offset, std::string_view entry);

class Database {
 public:
  enum class Mode {
    kCreate,    // a new one; fails if there is one
    kWrite,     // locks it; what was written but not flushed is recovered
    kReadOnly,  // changes no byte on disk
  };
  static Result<std::unique_ptr<Database>> Open(const std::string& path, Mode mode,
                                                const RocksLogOptions& options);
  ~Database();

  // Adds rows to a batch of the caller's.
  void PutEntry(rocksdb::WriteBatch& batch, uint64_t commit, Partition partition, Offset offset,
                std::string_view entry) const;
  void PutRun(rocksdb::WriteBatch& batch, const Run& run) const;

  // Writes and syncs. Any failure ends the process: whether the bytes are there is unknown, and a
  // second fsync may lie.
  void Write(rocksdb::WriteBatch& batch);

  // In commit order; in the order of (partition, offset).
  std::unique_ptr<rocksdb::Iterator> Entries() const;
  std::unique_ptr<rocksdb::Iterator> Runs() const;
  Result<std::string> ReadRow(uint64_t commit) const;
  // The run that holds this offset, or the last one before it; nothing if there is none.
  Result<std::optional<Run>> RunAt(Partition partition, Offset offset) const;

  // One table file of entries, by its metadata.
  struct TableFile {
    uint64_t first_commit = 0;
    uint64_t last_commit = 0;
  };
  Result<std::vector<TableFile>> EntryFiles() const;  // sorted
  // How many entries all table files hold together, by their own count.
  Result<uint64_t> EntriesInFiles() const;
  // Bytes of entries that compaction has written again since the start: 0 for ever.
  uint64_t RewrittenBytes() const;

  rocksdb::DB& db() { return *db_; }

 private:
  class Listener;
  Database() = default;

  bool sync_ = true;
  std::shared_ptr<Listener> listener_;
  std::unique_ptr<rocksdb::Env> env_;  // null: that of the options
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* entries_ = nullptr;  // owned; destroyed before db_
  rocksdb::ColumnFamilyHandle* runs_ = nullptr;
};

}  // namespace jalon::eventstore::rocks
