#include "projections/engine/rocks_store.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <filesystem>
#include <set>
#include <utility>

#include "eventstore/base/archive.h"
#include "eventstore/base/check.h"
#include "eventstore/base/mutex.h"
#include "projections/engine/generation_filter.h"

namespace jalon::projections {
namespace {

namespace fs = std::filesystem;

// generation (4) ‖ tenant (16) ‖ first id (8): what a query about one student or company scans.
constexpr size_t kPrefixBytes = 28;
constexpr int kBloomBitsPerKey = 10;
constexpr double kMemtableBloomShare = 0.05;
constexpr int kMemtables = 3;

rocksdb::Slice Slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view Text(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

std::unexpected<Error> Failed(const rocksdb::Status& status, std::string_view what) {
  const std::string text = fmt::format("{}: {}", what, status.ToString());
  if (status.IsNoSpace()) {
    return Fail(Code::kResourceExhausted, "DISK_FULL", text + "; free some space and start again");
  }
  if (status.IsCorruption()) {
    return Fail(Code::kDataLoss, "INTERNAL",
                text + "; delete the folder of views: they are rebuilt from the log");
  }
  return Fail(Code::kUnavailable, "INTERNAL",
              text + "; see that the folder is there, writable, and not open elsewhere");
}

Result<void> Check(const rocksdb::Status& status, std::string_view what) {
  if (!status.ok()) return Failed(status, what);
  return {};
}

rocksdb::Options OptionsFor(const RocksViewStoreOptions& options,
                            const std::shared_ptr<const DeadGenerations>& dead) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  // Indexes and filters stay with their open files, a hundredth of the data: a file's may be larger
  // than a shard of the cache, and would then be read for every look-up.
  table.cache_index_and_filter_blocks = false;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  table.whole_key_filtering = true;
  table.block_size = 8 * 1024;  // a student's rows are a few KiB
  table.format_version = 5;

  rocksdb::Options db;
  if (options.env != nullptr) db.env = options.env;
  db.create_if_missing = true;
  db.max_background_jobs = 2;
  db.max_bgerror_resume_count = 0;
  db.info_log_level = rocksdb::WARN_LEVEL;
  db.keep_log_file_num = 2;
  db.write_buffer_size = options.memtable_bytes;
  db.max_write_buffer_number = kMemtables;
  db.memtable_prefix_bloom_size_ratio = kMemtableBloomShare;
  db.memtable_whole_key_filtering = true;
  db.compression = rocksdb::kNoCompression;  // half of the bytes are sealed
  db.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(kPrefixBytes));
  db.compaction_filter_factory = std::make_shared<GenerationFilterFactory>(dead);
  db.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return db;
}

class RocksBatch final : public StoreBatch {
 public:
  void Put(std::string_view key, std::string_view value) override {
    Must(batch.Put(Slice(key), Slice(value)));
  }
  void Delete(std::string_view key) override { Must(batch.Delete(Slice(key))); }
  void Clear() override { batch.Clear(); }

  rocksdb::WriteBatch batch;

 private:
  static void Must(const rocksdb::Status& status) { JALON_CHECK(status.ok()); }  // only sizes fail
};

class RocksSnapshot final : public StoreSnapshot {
 public:
  explicit RocksSnapshot(rocksdb::DB& db) : db_(db), snapshot_(db.GetSnapshot()) {}
  ~RocksSnapshot() override { db_.ReleaseSnapshot(snapshot_); }

  Result<std::optional<std::string>> Get(std::string_view key) const override {
    rocksdb::ReadOptions read;
    read.snapshot = snapshot_;
    std::string value;
    const rocksdb::Status status = db_.Get(read, Slice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) return Failed(status, "a view's row cannot be read");
    return value;
  }

  Result<void> Scan(std::string_view from, std::string_view until,
                    const Visit& visit) const override {
    rocksdb::ReadOptions read;
    read.snapshot = snapshot_;
    const rocksdb::Slice end = Slice(until);
    if (!until.empty()) read.iterate_upper_bound = &end;
    // Inside one prefix its Bloom filters leave out most files; beyond it they must not be asked.
    read.prefix_same_as_start = from.size() >= kPrefixBytes && !until.empty() &&
                                until <= EndOfPrefix(from.substr(0, kPrefixBytes));
    read.total_order_seek = !read.prefix_same_as_start;
    const std::unique_ptr<rocksdb::Iterator> at(db_.NewIterator(read));
    for (at->Seek(Slice(from)); at->Valid(); at->Next()) {
      if (!visit(Text(at->key()), Text(at->value()))) break;
    }
    return Check(at->status(), "a view's rows cannot be read");
  }

 private:
  rocksdb::DB& db_;
  const rocksdb::Snapshot* const snapshot_;
};

class RocksRun final : public RunWriter {
 public:
  RocksRun(std::string path, const rocksdb::Options& options)
      : path_(std::move(path)), writer_(rocksdb::EnvOptions(), options) {}
  ~RocksRun() override {
    std::error_code ignored;  // one that was ingested has moved away
    fs::remove(path_, ignored);
  }

  Result<void> Open() { return Check(writer_.Open(path_), "a run of rows cannot be made"); }
  Result<void> Put(std::string_view key, std::string_view value) override {
    return Check(writer_.Put(Slice(key), Slice(value)), kWriting);
  }
  Result<void> Delete(std::string_view key) override {
    return Check(writer_.Delete(Slice(key)), kWriting);
  }
  Result<void> Finish() override {
    rocksdb::ExternalSstFileInfo info;
    JALON_RETURN_IF_ERROR(Check(writer_.Finish(&info), kWriting));
    bytes_ = info.file_size;
    return {};
  }
  uint64_t bytes() const override { return bytes_; }
  const std::string& path() const { return path_; }

 private:
  static constexpr std::string_view kWriting = "a run of rows cannot be written";
  const std::string path_;
  rocksdb::SstFileWriter writer_;
  uint64_t bytes_ = 0;
};

}  // namespace

struct RocksViewStore::Impl {
  explicit Impl(const RocksViewStoreOptions& options)
      : dead(std::make_shared<DeadGenerations>()),
        options(OptionsFor(options, dead)),
        runs(fs::path(options.path) / "runs") {
    write.disableWAL = true;
    write.memtable_insert_hint_per_batch = true;  // a batch's keys are sorted
  }

  Result<void> Open(const std::string& path) {
    std::error_code error;
    fs::create_directories(path, error);
    rocksdb::DB* opened = nullptr;
    JALON_RETURN_IF_ERROR(
        Check(rocksdb::DB::Open(options, path, &opened), "the views cannot be opened"));
    db.reset(opened);
    fs::remove_all(runs, error);  // of a rebuild that did not get to its end
    if (!fs::create_directory(runs, error)) {
      return Fail(Code::kUnavailable, "INTERNAL",
                  fmt::format("{} cannot be made: {}", runs.string(), error.message()));
    }
    return FindDead();
  }

  // Whatever no directory names is of a rebuild that did not get to its end, or was replaced.
  Result<void> FindDead() {
    std::set<Generation> serving;
    Result<void> fault;
    JALON_RETURN_IF_ERROR(RocksSnapshot(*db).Scan(
        DirectoriesBegin(), DirectoriesEnd(), [&](std::string_view, std::string_view value) {
          Directory directory;
          if (!Decode(value, &directory)) {
            fault = Failed(rocksdb::Status::Corruption("a directory"), "the views cannot be read");
            return false;
          }
          for (const ServingView& view : directory.views) serving.insert(view.generation);
          return true;
        }));
    JALON_RETURN_IF_ERROR(fault);
    rocksdb::ReadOptions read;
    read.total_order_seek = true;
    const std::unique_ptr<rocksdb::Iterator> at(db->NewIterator(read));
    Generation last{};
    const MutexLock lock(mutex);
    for (at->SeekToFirst(); at->Valid(); at->Seek(GenerationKey(last.Next()))) {
      last = GenerationOf(Text(at->key())).value_or(Generation{});
      if (last.value != 0 && !serving.contains(last)) retired.insert(last);
    }
    for (const Generation generation : serving) last = std::max(last, generation);
    next.store(last.value + 1);
    return Check(at->status(), "the views cannot be read");
  }

  Result<void> Collect() {
    std::set<Generation> dying;
    {
      const MutexLock lock(mutex);
      dying.swap(retired);
    }
    if (dying.empty()) return {};
    // The directories that no longer name them first: else a crash would bring back a directory
    // whose rows are gone.
    JALON_RETURN_IF_ERROR(Flush(true));
    for (const Generation generation : dying) dead->Add(generation);
    // Those of one rebuild lie side by side: dropped together.
    for (auto at = dying.begin(); at != dying.end();) {
      const std::string first = GenerationKey(*at);
      Generation next = at->Next();
      for (++at; at != dying.end() && *at == next; ++at) next = next.Next();
      const std::string end = GenerationKey(next);
      const rocksdb::Slice from = Slice(first);
      const rocksdb::Slice until = Slice(end);
      JALON_RETURN_IF_ERROR(
          Check(rocksdb::DeleteFilesInRange(db.get(), Family(), &from, &until, false), kDropping));
      rocksdb::CompactRangeOptions compact;
      compact.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
      JALON_RETURN_IF_ERROR(Check(db->CompactRange(compact, &from, &until), kDropping));
    }
    return {};
  }

  Result<void> Flush(bool wait) {
    rocksdb::FlushOptions flush;
    flush.wait = wait;
    flush.allow_write_stall = true;
    return Check(db->Flush(flush), "the views cannot be flushed");
  }

  rocksdb::ColumnFamilyHandle* Family() { return db->DefaultColumnFamily(); }

  static constexpr std::string_view kDropping = "dead rows cannot be dropped";
  const std::shared_ptr<DeadGenerations> dead;
  const rocksdb::Options options;
  const fs::path runs;
  rocksdb::WriteOptions write;
  std::unique_ptr<rocksdb::DB> db;
  std::atomic<uint32_t> next{1};
  std::atomic<uint64_t> run{0};
  Mutex mutex;
  std::set<Generation> retired JALON_GUARDED_BY(mutex);
};

Result<std::unique_ptr<RocksViewStore>> RocksViewStore::Open(const RocksViewStoreOptions& options) {
  auto impl = std::make_unique<Impl>(options);
  JALON_RETURN_IF_ERROR(impl->Open(options.path));
  return std::unique_ptr<RocksViewStore>(new RocksViewStore(std::move(impl)));
}

RocksViewStore::RocksViewStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RocksViewStore::~RocksViewStore() = default;

std::unique_ptr<StoreBatch> RocksViewStore::NewBatch() { return std::make_unique<RocksBatch>(); }

Result<void> RocksViewStore::Write(StoreBatch& batch) {
  return Check(impl_->db->Write(impl_->write, &static_cast<RocksBatch&>(batch).batch),
               "rows of views cannot be written");
}

Result<std::optional<std::string>> RocksViewStore::Get(std::string_view key) {
  std::string value;
  const rocksdb::Status status = impl_->db->Get(rocksdb::ReadOptions(), Slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return Failed(status, "a view's row cannot be read");
  return value;
}

std::shared_ptr<const StoreSnapshot> RocksViewStore::Snapshot() {
  return std::make_shared<RocksSnapshot>(*impl_->db);
}

Result<std::unique_ptr<RunWriter>> RocksViewStore::NewRun() {
  const fs::path path = impl_->runs / fmt::format("{}.sst", impl_->run++);
  auto run = std::make_unique<RocksRun>(path.string(), impl_->options);
  JALON_RETURN_IF_ERROR(run->Open());
  return run;
}

Result<void> RocksViewStore::Ingest(std::vector<std::unique_ptr<RunWriter>> runs) {
  std::vector<std::string> paths;
  paths.reserve(runs.size());
  for (const auto& run : runs) paths.push_back(static_cast<RocksRun&>(*run).path());
  rocksdb::IngestExternalFileOptions ingest;
  ingest.move_files = true;
  ingest.failed_move_fall_back_to_copy = false;
  ingest.write_global_seqno = false;
  return Check(impl_->db->IngestExternalFile(impl_->Family(), paths, ingest),
               "rebuilt rows cannot be taken in");
}

Generation RocksViewStore::NewGeneration() { return Generation{impl_->next++}; }

void RocksViewStore::Retire(Generation generation) {
  const MutexLock lock(impl_->mutex);
  impl_->retired.insert(generation);
}

Result<void> RocksViewStore::Collect() { return impl_->Collect(); }
Result<void> RocksViewStore::Flush(bool wait) { return impl_->Flush(wait); }

GenerationSize RocksViewStore::SizeOf(Generation generation) {
  const std::string first = GenerationKey(generation);
  const std::string end = GenerationKey(generation.Next());
  const rocksdb::Range range(Slice(first), Slice(end));
  rocksdb::SizeApproximationOptions how;
  how.include_memtables = true;
  GenerationSize size;
  if (!impl_->db->GetApproximateSizes(how, impl_->Family(), &range, 1, &size.bytes).ok()) return {};
  uint64_t keys = 0;
  uint64_t bytes = 0;
  impl_->db->GetIntProperty(rocksdb::DB::Properties::kEstimateNumKeys, &keys);
  impl_->db->GetIntProperty(rocksdb::DB::Properties::kEstimateLiveDataSize, &bytes);
  size.rows = bytes == 0 ? 0 : size.bytes * keys / bytes;
  return size;
}

}  // namespace jalon::projections
