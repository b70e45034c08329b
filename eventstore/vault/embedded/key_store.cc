#include "eventstore/vault/embedded/key_store.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <filesystem>

#include "eventstore/base/check.h"
#include "eventstore/base/durable_file.h"
#include "eventstore/base/mutex.h"
#include "eventstore/rocks/store_tail.h"
#include "eventstore/vault/embedded/key_store_options.h"
#include "eventstore/vault/key_witness.h"
#include "eventstore/vault/secret.h"

namespace jalon::eventstore {
namespace {

constexpr std::string_view kMarkRow = "m";
constexpr size_t kPersonBytes = 8;
constexpr char kEndOfPersons = 'p' + 1;

std::string TenantPart(char letter, std::string_view tenant) {
  JALON_CHECK(tenant.size() <= 255);
  std::string row(1, letter);
  row += static_cast<char>(tenant.size());
  row += tenant;
  return row;
}

std::string BigEndian(uint32_t number) {
  std::string bytes(4, '\0');
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<char>(number >> (24 - 8 * i));
  return bytes;
}

std::string Number8(uint64_t number) {
  std::string bytes(sizeof number, '\0');
  for (size_t i = 0; i < sizeof number; ++i) bytes[i] = static_cast<char>(number >> (8 * i));
  return bytes;
}

// REQUIRES: there are so many bytes.
uint64_t NumberIn8(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < sizeof number; ++i) {
    number |= static_cast<uint64_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
  }
  return number;
}

// RocksDB compares no null pointers, also where nothing is compared.
rocksdb::Slice ToSlice(std::string_view bytes) {
  return bytes.empty() ? rocksdb::Slice("", 0) : rocksdb::Slice(bytes.data(), bytes.size());
}

std::unexpected<Error> Unavailable(const rocksdb::Status& status) {
  return Fail(
      Code::kUnavailable, "VAULT_UNAVAILABLE",
      "the key store cannot be used: " + status.ToString() + "; check the disk, then start again");
}

// Where an opening found damage, a torn tail may be all there is to it.
std::unexpected<Error> CannotOpen(const std::string& folder, const rocksdb::Status& status) {
  if (!status.IsCorruption()) return Unavailable(status);
  return Fail(
      Code::kUnavailable, "VAULT_UNAVAILABLE",
      fmt::format("the key store in {} cannot be opened: {}; 'jalon vault repair' says "
                  "whether only its last, never acknowledged bytes are damaged, and can "
                  "cut them; if not, promote its standby, or begin it anew if it is one, or else "
                  "restore the keys from a copy",
                  folder, status.ToString()));
}

class RocksKeyStore final : public KeyStore {
 public:
  RocksKeyStore(std::unique_ptr<rocksdb::DB> db, const Options& options)
      : db_(std::move(db)), sync_(options.testing.sync), on_failure_(options.on_failure) {}

  Result<void> Begin(const std::string& folder, const Options& options) {
    const std::string& witness_path = options.witness_path;
    JALON_ASSIGN_OR_RETURN(const std::optional<std::string> stored, Get(std::string(kMarkRow)));
    if (stored) {
      const std::optional<KeyMark> mark = DecodeMark(*stored);
      if (!mark) return Failed(rocksdb::Status::Corruption("its mark cannot be read"));
      MutexLock lock(mutex_);
      mark_ = *mark;
    }
    if (!witness_path.empty()) {
      witness_path_ = witness_path;
      JALON_ASSIGN_OR_RETURN(witness_, KeyWitness::Open(witness_path));
      if (witness_ != nullptr) {
        JALON_RETURN_IF_ERROR(CheckWitness(folder, witness_path));
      } else if (!stored || (!options.keeps_life && !IsNewborn())) {
        // Nobody says any more what the store held: from here on it is another one than its copies.
        JALON_RETURN_IF_ERROR(BeginLife());
      }
    }
    if (options.prepare) JALON_RETURN_IF_ERROR(options.prepare(*this));
    if (witness_path.empty()) return {};
    if (witness_ == nullptr) {
      MutexLock lock(mutex_);
      JALON_RETURN_IF_ERROR(KeyWitness::Create(witness_path, mark_));
      JALON_ASSIGN_OR_RETURN(witness_, KeyWitness::Open(witness_path));
    }
    MutexLock lock(mutex_);
    witness_->Write(mark_.writes);
    SetLife(mark_.life);
    durable_writes_ = mark_.writes;
    return {};
  }

  Result<std::optional<std::string>> Get(std::string_view row) override {
    std::string value;
    const rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), ToSlice(row), &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) return Failed(status);
    return value;
  }

  Result<void> Write(const std::vector<std::pair<std::string, std::string>>& put,
                     const std::vector<std::string>& remove) override {
    MutexLock lock(mutex_);
    KeyMark after = mark_;
    ++after.writes;
    return WriteNow(after, put, remove);
  }

  Result<void> WriteAs(const KeyMark& mark,
                       const std::vector<std::pair<std::string, std::string>>& put,
                       const std::vector<std::string>& remove) override {
    MutexLock lock(mutex_);
    const bool of_another = mark.life != mark_.life;
    // No witness says what neither store is: if the process dies in between, the next start makes
    // it of what is stored.
    if (of_another && witness_ != nullptr) {
      witness_.reset();
      if (const std::error_code failed = RemoveDurably(witness_path_)) {
        return Failed(rocksdb::Status::IOError(witness_path_, failed.message()));
      }
    }
    JALON_RETURN_IF_ERROR(WriteNow(mark, put, remove));
    if (!of_another) return {};
    SetLife(mark.life);
    if (witness_path_.empty()) return {};
    JALON_RETURN_IF_ERROR(KeyWitness::Create(witness_path_, mark_));
    JALON_ASSIGN_OR_RETURN(witness_, KeyWitness::Open(witness_path_));
    return {};
  }

  Result<std::vector<std::string>> Rows(std::string_view first, std::string_view end) override {
    std::vector<std::string> rows;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions()));
    for (at->Seek(ToSlice(first)); at->Valid() && at->key().compare(ToSlice(end)) < 0; at->Next()) {
      rows.push_back(at->key().ToString());
    }
    if (!at->status().ok()) return Failed(at->status());
    return rows;
  }

  Result<void> EachRow(
      std::string_view first,
      const std::function<bool(std::string_view, std::string_view)>& each) override {
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions()));
    for (at->Seek(ToSlice(first)); at->Valid(); at->Next()) {
      if (!each(at->key().ToStringView(), at->value().ToStringView())) break;
    }
    if (!at->status().ok()) return Failed(at->status());
    return {};
  }

  // Waits for no write: each answer of a served vault asks it.
  KeyMark Mark() override {
    MutexLock lock(life_mutex_);
    return {.life = life_, .writes = durable_writes_};
  }

  Result<void> Forget(std::string_view first, std::string_view end) override {
    rocksdb::Status status = db_->Flush(rocksdb::FlushOptions());  // and its log file is deleted
    if (status.ok()) {
      rocksdb::CompactRangeOptions options;
      options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
      const rocksdb::Slice from = ToSlice(first);
      const rocksdb::Slice to = ToSlice(end);
      status = db_->CompactRange(options, &from, &to);
    }
    if (!status.ok()) return Failed(status);
    return {};
  }

 private:
  void SetLife(const Bytes& life) {
    MutexLock lock(life_mutex_);
    life_ = life;
  }

  std::unexpected<Error> Failed(const rocksdb::Status& status) const {
    std::unexpected<Error> failure = Unavailable(status);
    if (on_failure_) on_failure_(failure.error());
    return failure;
  }

  Result<void> WriteNow(const KeyMark& after,
                        const std::vector<std::pair<std::string, std::string>>& put,
                        const std::vector<std::string>& remove) JALON_REQUIRES(mutex_) {
    if (failed_) return Failed(rocksdb::Status::IOError("an earlier write failed"));
    rocksdb::WriteBatch batch;
    batch.Put(ToSlice(kMarkRow), EncodeMark(after));
    for (const auto& [row, value] : put) batch.Put(row, value);
    for (const std::string& row : remove) batch.Delete(row);
    rocksdb::WriteOptions options;
    options.sync = sync_;
    const rocksdb::Status status = db_->Write(options, &batch);
    failed_ = !status.ok();  // what a failed sync left is not known, and a retry hides it
    if (failed_) return Failed(status);
    mark_ = after;
    if (witness_ != nullptr) witness_->Write(mark_.writes);
    durable_writes_ = mark_.writes;
    return {};
  }

  // It has a life, and nothing was kept in it yet: what died at its birth goes on with it.
  bool IsNewborn() {
    MutexLock lock(mutex_);
    return mark_.life != KeyMark().life && mark_.writes <= kWritesAtBirth;
  }

  Result<void> BeginLife() {
    {
      MutexLock lock(mutex_);
      mark_.life = Secret::Random().View().substr(0, KeyMark::kLifeBytes);
    }
    return Write({}, {});
  }

  Result<void> CheckWitness(const std::string& folder, const std::string& witness_path) {
    MutexLock lock(mutex_);
    const KeyMark& seen = witness_->Last();
    if (mark_.life == seen.life && mark_.writes >= seen.writes) return {};
    return Fail(
        Code::kFailedPrecondition, "KEYS_OLDER",
        fmt::format("{} is an older copy than the log needs: it was written {} times, {} saw {} "
                    "writes{}; put the newest copy of it back. If that is lost for good, remove "
                    "{}: what was sealed with the keys that are gone stays closed, and whom the "
                    "copy brings back must be erased again",
                    folder, mark_.writes, witness_path, seen.writes,
                    mark_.life == seen.life ? "" : " of another one", witness_path));
  }

  std::unique_ptr<rocksdb::DB> db_;
  const bool sync_;
  const std::function<void(const Error&)> on_failure_;
  Mutex mutex_;  // one writer at a time
  bool failed_ JALON_GUARDED_BY(mutex_) = false;
  KeyMark mark_ JALON_GUARDED_BY(mutex_);
  // Of mark_, for whoever does not wait.
  Mutex life_mutex_;
  std::string life_ JALON_GUARDED_BY(life_mutex_) = std::string(KeyMark::kLifeBytes, '\0');
  std::atomic<uint64_t> durable_writes_ = 0;
  std::string witness_path_;
  std::unique_ptr<KeyWitness> witness_;  // may be null
};

}  // namespace

Result<void> KeyStore::EachPerson(
    std::string_view after, const std::function<bool(std::string_view, std::string_view,
                                                     std::string_view, std::string_view)>& each) {
  const std::string first = after.empty() ? "p" : std::string(after) + '\0';
  return EachRow(first, [&](std::string_view row, std::string_view value) {
    if (row[0] >= kEndOfPersons) return false;
    const auto size = row.size() < 2 ? size_t{0} : static_cast<uint8_t>(row[1]);
    if (row.size() != 2 + size + kPersonBytes) return true;
    return each(row.substr(2, size), row.substr(2 + size), row, value);
  });
}

std::string MarkRow() { return std::string(kMarkRow); }
std::string RootRow() { return "r"; }
std::string BackedUpRow() { return "b"; }
std::string TenantRow(std::string_view tenant) { return TenantPart('s', tenant); }
std::string EpochRow(std::string_view tenant) { return TenantPart('e', tenant); }
std::string EpochBytes(uint32_t number) { return BigEndian(number); }

std::optional<uint32_t> EpochOf(std::string_view bytes) {
  if (bytes.size() != sizeof(uint32_t)) return std::nullopt;
  uint32_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<uint8_t>(byte);
  return number;
}

std::string_view TenantOf(std::string_view row) {
  return row.size() < 2 ? std::string_view() : row.substr(2, static_cast<uint8_t>(row[1]));
}

std::string PersonRow(std::string_view tenant, std::string_view person) {
  return TenantPart('p', tenant).append(person);
}
std::string DestroyedRow(std::string_view tenant, std::string_view person) {
  return TenantPart('x', tenant).append(person);
}
std::string LookupRow(std::string_view tenant, uint32_t year) {
  return TenantPart('l', tenant) + BigEndian(year);
}
std::string DayRow(uint32_t day) { return "d" + BigEndian(day); }
std::string FirstLookupRow() { return "l"; }
std::string EndOfLookupRows() { return "m"; }
uint32_t YearOfLookup(std::string_view row) {
  return EpochOf(row.substr(row.size() - std::min(row.size(), sizeof(uint32_t)))).value_or(0);
}

std::string NotedBytes(Micros at, uint64_t writes) {
  return Number8(static_cast<uint64_t>(at.count())) + Number8(writes);
}

Noted NotedOf(std::string_view bytes) {
  Noted noted;
  if (bytes.size() != sizeof(uint64_t) && bytes.size() != 2 * sizeof(uint64_t)) return noted;
  noted.at = Micros(static_cast<int64_t>(NumberIn8(bytes)));
  if (bytes.size() > sizeof(uint64_t)) noted.writes = NumberIn8(bytes.substr(sizeof(uint64_t)));
  return noted;
}

Result<std::unique_ptr<KeyStore>> KeyStore::Open(const std::string& folder) {
  return Open(folder, Options());
}

rocksdb::Options KeyStoreOptions() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.paranoid_checks = true;
  // Whatever was synced must be there, or the store must not open: RocksDB's default drops the rest
  // of a log file after a damaged record, in silence.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;
  options.max_bgerror_resume_count = 0;
  options.recycle_log_file_num = 0;  // a destroyed key's bytes go with their log file
  options.write_buffer_size = 4 * 1024 * 1024;
  options.keep_log_file_num = 4;
  return options;
}

Result<std::unique_ptr<KeyStore>> KeyStore::Open(const std::string& folder, const Options& given) {
  rocksdb::Options options = KeyStoreOptions();
  if (given.testing.env != nullptr) options.env = given.testing.env;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  const rocksdb::Status behind = rocks::CheckBeforeOpening(options, folder);
  if (!behind.ok()) return CannotOpen(folder, behind);
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, folder, &db);
  if (!status.ok()) return CannotOpen(folder, status);
  auto store = std::make_unique<RocksKeyStore>(std::unique_ptr<rocksdb::DB>(db), given);
  if (given.check) JALON_RETURN_IF_ERROR(given.check(*store));
  JALON_RETURN_IF_ERROR(store->Begin(folder, given));
  return store;
}

}  // namespace jalon::eventstore
