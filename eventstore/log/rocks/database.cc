#include "eventstore/log/rocks/database.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "eventstore/base/check.h"
#include "eventstore/rocks/manifest_tail.h"

namespace jalon::eventstore::rocks {
namespace {

constexpr char kRunsTable[] = "runs";
constexpr size_t kBlockCacheBytes = 16 * 1024 * 1024;
constexpr size_t kBlockBytes = 16 * 1024;
constexpr size_t kRunsMemtableBytes = 8 * 1024 * 1024;

rocksdb::DBOptions DatabaseOptions(Database::Mode mode, const RocksLogOptions& options) {
  rocksdb::DBOptions db;
  db.create_if_missing = db.error_if_exists = mode == Database::Mode::kCreate;
  db.create_missing_column_families = mode == Database::Mode::kCreate;
  if (options.testing.env != nullptr) db.env = options.testing.env;
  db.wal_recovery_mode = options.wal_recovery == WalRecovery::kRefuse
                             ? rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords
                             : rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  db.track_and_verify_wals_in_manifest = true;
  db.paranoid_checks = true;
  db.max_bgerror_resume_count = 0;
  // Bounds what a restart replays: the small table would else keep old files alive.
  db.max_total_wal_size = 2 * options.memtable_bytes;
  db.max_open_files = -1;                      // every table is opened, so checked, at the start
  db.allow_concurrent_memtable_write = false;  // there is one writing thread
  db.enable_write_thread_adaptive_yield = false;
  db.max_background_jobs = 2;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.keep_log_file_num = 4;
  db.max_log_file_size = 1024 * 1024;
  return db;
}

rocksdb::ColumnFamilyOptions TableOptions(size_t memtable_bytes,
                                          const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  blocks.block_size = kBlockBytes;
  blocks.format_version = 5;
  rocksdb::ColumnFamilyOptions table;
  table.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  table.write_buffer_size = memtable_bytes;
  table.max_write_buffer_number = 4;            // a flush under way never holds up the next group
  table.compression = rocksdb::kNoCompression;  // hashes, ids and sealed bytes do not shrink
  table.paranoid_file_checks = true;
  table.ttl = 0;  // age is no reason to rewrite
  table.periodic_compaction_seconds = 0;
  // Files never wait for compaction: those of the entries do not overlap and are only renamed from
  // level to level; those of the runs are small.
  table.level0_slowdown_writes_trigger = table.level0_stop_writes_trigger = 1 << 30;
  table.soft_pending_compaction_bytes_limit = table.hard_pending_compaction_bytes_limit = 0;
  return table;
}

}  // namespace

// A flush or compaction that failed leaves the database half alive; we end with it.
class Database::Listener final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    EndProcess("background work: " + status->ToString());
  }
  void OnCompactionCompleted(rocksdb::DB*, const rocksdb::CompactionJobInfo& info) override {
    if (info.cf_name == rocksdb::kDefaultColumnFamilyName) {
      rewritten_bytes_ += info.stats.total_output_bytes;
    }
  }
  uint64_t rewritten_bytes() const { return rewritten_bytes_; }

 private:
  std::atomic<uint64_t> rewritten_bytes_ = 0;
};

void EndProcess(std::string_view why) {
  std::fputs(fmt::format("jalon: the log cannot be written, this process ends: {}\n", why).c_str(),
             stderr);
  std::abort();
}

Error FromStatus(const rocksdb::Status& status, std::string_view doing) {
  if (status.IsCorruption()) {
    return Error{
        Code::kDataLoss,
        "LOG_CORRUPT",
        fmt::format("{}: {}; stop this node, keep a copy of its log folder, run 'jalon log "
                    "verify', and restore from a backup",
                    doing, status.ToString()),
        {}};
  }
  return Error{
      Code::kUnavailable, "LOG_UNREADABLE", fmt::format("{}: {}", doing, status.ToString()), {}};
}

namespace {

// Where an opening found damage, a torn tail may be all there is to it.
Error CannotOpen(const rocksdb::Status& status, const std::string& path,
                 const RocksLogOptions& options) {
  Error error = FromStatus(status, "cannot open the log in " + path);
  if (!status.IsCorruption()) return error;
  error.message = fmt::format(
      "cannot open the log in {}: {}; {}", path, status.ToString(),
      options.wal_recovery == WalRecovery::kRefuse
          ? "'jalon log repair' says whether only its last, never acknowledged bytes are damaged, "
            "and can cut them; if not, restore the log from a backup"
          : "this is no torn tail: keep a copy of the log folder, and restore it from a backup");
  return error;
}

}  // namespace

Hash HashOfRow(uint64_t commit, std::string_view value) {
  const EntryKey key = EncodeEntryKey(commit);
  return Sha256({View(key), value});
}

Hash HashOfEntry(uint64_t commit, Partition partition, Offset offset, std::string_view entry) {
  const EntryKey key = EncodeEntryKey(commit);
  const EntryHead head = EncodeEntryHead(partition, offset);
  return Sha256({View(key), View(head), entry});
}

Result<std::unique_ptr<Database>> Database::Open(const std::string& path, Mode mode,
                                                 const RocksLogOptions& options) {
  const auto cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  const auto listener = std::make_shared<Listener>();
  rocksdb::DBOptions db_options = DatabaseOptions(mode, options);
  db_options.listeners = {listener};
  std::unique_ptr<rocksdb::Env> env;
  if (options.wal_recovery == WalRecovery::kUpToDamage) {
    env = UpToManifestDamage(db_options.env);
    db_options.env = env.get();
  }
  const std::vector<rocksdb::ColumnFamilyDescriptor> tables = {
      {rocksdb::kDefaultColumnFamilyName, TableOptions(options.memtable_bytes, cache)},
      {kRunsTable, TableOptions(kRunsMemtableBytes, cache)},
  };
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      mode == Mode::kReadOnly
          ? rocksdb::DB::OpenForReadOnly(db_options, path, tables, &handles, &db)
          : rocksdb::DB::Open(db_options, path, tables, &handles, &db);
  if (!status.ok()) return std::unexpected(CannotOpen(status, path, options));
  auto database = std::unique_ptr<Database>(new Database);
  database->sync_ = options.testing.sync;
  database->env_ = std::move(env);
  database->db_.reset(db);
  database->listener_ = listener;
  database->entries_ = handles[0];
  database->runs_ = handles[1];
  return database;
}

Database::~Database() {
  if (db_ == nullptr) return;
  db_->DestroyColumnFamilyHandle(entries_);
  db_->DestroyColumnFamilyHandle(runs_);
}

void Database::PutEntry(rocksdb::WriteBatch& batch, uint64_t commit, Partition partition,
                        Offset offset, std::string_view entry) const {
  const EntryKey key = EncodeEntryKey(commit);
  const EntryHead head = EncodeEntryHead(partition, offset);
  const rocksdb::Slice key_parts[] = {ToSlice(View(key))};
  const rocksdb::Slice value_parts[] = {ToSlice(View(head)), ToSlice(entry)};
  const rocksdb::Status status = batch.Put(entries_, {key_parts, 1}, {value_parts, 2});
  JALON_CHECK(status.ok());
}

void Database::PutRun(rocksdb::WriteBatch& batch, const Run& run) const {
  const RunKey key = EncodeRunKey(run.partition, run.first);
  const RunValue value = EncodeRunValue(run);
  const rocksdb::Status status = batch.Put(runs_, ToSlice(View(key)), ToSlice(View(value)));
  JALON_CHECK(status.ok());
}

void Database::Write(rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions options;
  options.sync = sync_;
  const rocksdb::Status status = db_->Write(options, &batch);
  if (!status.ok()) EndProcess(status.ToString());
}

namespace {

rocksdb::ReadOptions ScanOptions() {
  rocksdb::ReadOptions options;
  options.fill_cache = false;  // a scan would push out what others need
  return options;
}

}  // namespace

std::unique_ptr<rocksdb::Iterator> Database::Entries() const {
  return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(ScanOptions(), entries_));
}

std::unique_ptr<rocksdb::Iterator> Database::Runs() const {
  return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(ScanOptions(), runs_));
}

Result<std::string> Database::ReadRow(uint64_t commit) const {
  const EntryKey key = EncodeEntryKey(commit);
  std::string value;
  const rocksdb::Status status =
      db_->Get(rocksdb::ReadOptions(), entries_, ToSlice(View(key)), &value);
  if (status.IsNotFound()) {
    return Fail(Code::kDataLoss, "LOG_CORRUPT",
                fmt::format("entry {} is missing; restore the log from a backup", commit));
  }
  if (!status.ok()) return std::unexpected(FromStatus(status, "cannot read an entry"));
  return value;
}

Result<std::optional<Run>> Database::RunAt(Partition partition, Offset offset) const {
  const auto runs = Runs();
  const RunKey key = EncodeRunKey(partition, offset);
  runs->SeekForPrev(ToSlice(View(key)));
  if (!runs->status().ok()) return std::unexpected(FromStatus(runs->status(), "cannot read a run"));
  if (!runs->Valid()) return std::nullopt;
  const auto run = DecodeRun(ToView(runs->key()), ToView(runs->value()));
  if (!run || run->partition != partition) return std::nullopt;
  return run;
}

Result<std::vector<Database::TableFile>> Database::EntryFiles() const {
  std::vector<rocksdb::LiveFileMetaData> files;
  db_->GetLiveFilesMetaData(&files);
  std::vector<TableFile> entries;
  for (const rocksdb::LiveFileMetaData& file : files) {
    if (file.column_family_name != entries_->GetName()) continue;
    const auto first = DecodeEntryKey(file.smallestkey);
    const auto last = DecodeEntryKey(file.largestkey);
    if (!first || !last) {
      return Fail(Code::kDataLoss, "LOG_CORRUPT",
                  fmt::format("table file {} has foreign keys; restore the log from a backup",
                              file.relative_filename));
    }
    entries.push_back({*first, *last});
  }
  std::ranges::sort(entries, {}, &TableFile::first_commit);
  return entries;
}

Result<uint64_t> Database::EntriesInFiles() const {
  rocksdb::TablePropertiesCollection properties;
  const rocksdb::Status status = db_->GetPropertiesOfAllTables(entries_, &properties);
  if (!status.ok()) return std::unexpected(FromStatus(status, "cannot read the tables"));
  uint64_t entries = 0;
  for (const auto& [file, table] : properties) entries += table->num_entries;
  return entries;
}

uint64_t Database::RewrittenBytes() const { return listener_->rewritten_bytes(); }

}  // namespace jalon::eventstore::rocks
