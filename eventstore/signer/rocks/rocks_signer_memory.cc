#include "eventstore/signer/rocks/rocks_signer_memory.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/write_batch.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "eventstore/base/durable_file.h"

namespace jalon::eventstore {
namespace {

using trail::Checkpoint;

constexpr size_t kSizeBytes = 8;
constexpr size_t kWriteBufferBytes = size_t{4} * 1024 * 1024;
constexpr const char* kPutBack =
    "put the memory back from the copy that was made with the key; if there is none, and the log "
    "was not put back from a backup since it last signed, move it away, and 'jalon signer forget' "
    "begins an empty one";

rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

std::string RowOf(const Checkpoint& checkpoint) {
  std::string row;
  for (int shift = 56; shift >= 0; shift -= 8) {
    row += static_cast<char>(checkpoint.size >> shift & 0xff);
  }
  return row.append(View(checkpoint.root));
}

std::optional<Checkpoint> CheckpointOf(std::string_view origin, std::string_view row) {
  Checkpoint checkpoint{.origin = std::string(origin), .size = 0, .root = {}};
  if (row.size() != kSizeBytes + sizeof checkpoint.root) return std::nullopt;
  for (size_t i = 0; i < kSizeBytes; ++i) {
    checkpoint.size = checkpoint.size << 8 | static_cast<uint8_t>(row[i]);
  }
  checkpoint.root = HashFrom(row.substr(kSizeBytes));
  return checkpoint;
}

std::unexpected<Error> Unavailable(const rocksdb::Status& status) {
  return Fail(Code::kUnavailable, "SIGNER_UNAVAILABLE",
              "what was signed cannot be read or written: " + status.ToString() +
                  "; check the disk, then start again");
}

class OpenedMemory final : public RocksSignerMemory {
 public:
  explicit OpenedMemory(std::unique_ptr<rocksdb::DB> db) : db_(std::move(db)) {}

  Result<bool> IsEmpty() override {
    const std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator(rocksdb::ReadOptions()));
    rows->SeekToFirst();
    if (!rows->status().ok()) return Unavailable(rows->status());
    return !rows->Valid();
  }

  Result<std::optional<Checkpoint>> Last(std::string_view origin) override {
    std::string row;
    const rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), ToSlice(origin), &row);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) return Unavailable(status);
    std::optional<Checkpoint> last = CheckpointOf(origin, row);
    if (!last) return Unavailable(rocksdb::Status::Corruption("a row is no checkpoint"));
    return last;
  }

  Result<void> Remember(std::span<const Checkpoint> checkpoints) override {
    rocksdb::WriteBatch batch;
    for (const Checkpoint& checkpoint : checkpoints) {
      batch.Put(checkpoint.origin, RowOf(checkpoint));
    }
    rocksdb::WriteOptions options;
    options.sync = true;
    const rocksdb::Status status = db_->Write(options, &batch);
    if (!status.ok()) return Unavailable(status);
    return {};
  }

 private:
  const std::unique_ptr<rocksdb::DB> db_;
};

// Where an opening found damage, a torn tail may be all there is to it.
std::unexpected<Error> CannotOpen(const std::string& folder, const rocksdb::Status& status) {
  if (!status.IsCorruption()) return Unavailable(status);
  return Fail(
      Code::kUnavailable, "SIGNER_UNAVAILABLE",
      fmt::format("what was signed, in {}, cannot be opened: {}; 'jalon signer repair' says "
                  "whether only its last, never acknowledged bytes are damaged, and can "
                  "cut them; if not, {}",
                  folder, status.ToString(), kPutBack));
}

rocksdb::Options MemoryOptions() {
  rocksdb::Options options;
  options.paranoid_checks = true;
  // Damage before the end is refused, and not taken for the end: the memory would go back.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // What a failed sync left is not known: RocksDB then fails every write, until a restart.
  options.max_bgerror_resume_count = 0;
  options.write_buffer_size = kWriteBufferBytes;
  // The same few rows are written with each pass: each finds its place beside the one before.
  options.allow_concurrent_memtable_write = false;
  options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewNoopTransform());
  options.max_background_jobs = 1;
  options.max_open_files = 64;
  options.keep_log_file_num = 2;
  options.max_log_file_size = 1024 * 1024;
  return options;
}

Result<std::unique_ptr<RocksSignerMemory>> Open(const std::string& folder, bool makes,
                                                rocksdb::Env* env) {
  rocksdb::Options options = MemoryOptions();
  if (env != nullptr) options.env = env;
  options.create_if_missing = makes;
  const rocksdb::Status behind = rocks::CheckBeforeOpening(options, folder);
  if (!behind.ok()) return CannotOpen(folder, behind);
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::Open(options, folder, &db);
  if (!opened.ok()) return CannotOpen(folder, opened);
  return std::make_unique<OpenedMemory>(std::unique_ptr<rocksdb::DB>(db));
}

}  // namespace

Result<std::unique_ptr<RocksSignerMemory>> OpenRocksSignerMemory(const std::string& folder,
                                                                 rocksdb::Env* env) {
  return Open(folder, false, env);
}

Result<std::unique_ptr<RocksSignerMemory>> MakeRocksSignerMemory(const std::string& folder,
                                                                 rocksdb::Env* env) {
  JALON_ASSIGN_OR_RETURN(auto memory, Open(folder, true, env));
  // RocksDB syncs what lies in the folder, and not the name of the folder itself.
  const std::string above = std::filesystem::path(folder).parent_path().string();
  if (const std::error_code failed = SyncFolder(above.empty() ? "." : above)) {
    return Unavailable(rocksdb::Status::IOError(above, failed.message()));
  }
  return memory;
}

Result<rocks::StoreTail> RepairSignerMemory(const std::string& folder, bool dry_run) {
  const rocksdb::Options options = MemoryOptions();
  const rocks::Store store{.folder = folder, .options = options, .otherwise = kPutBack};
  return dry_run ? rocks::FindStoreTail(store) : rocks::CutStoreTail(store);
}

}  // namespace jalon::eventstore
