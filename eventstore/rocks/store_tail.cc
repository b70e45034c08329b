#include "eventstore/rocks/store_tail.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "eventstore/rocks/manifest_tail.h"
#include "eventstore/rocks/record_file.h"
#include "eventstore/rocks/rows_left_out.h"

namespace jalon::eventstore::rocks {
namespace {

rocksdb::Options Existing(rocksdb::Options options) {
  options.create_if_missing = false;
  return options;
}

// RocksDB then takes damage for the end of what was written. It outlives whatever is opened so.
struct UpToDamage {
  explicit UpToDamage(const Store& store)
      : env(UpToManifestDamage(store.options.env)), options(Existing(store.options)) {
    options.env = env.get();
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  }
  const std::unique_ptr<rocksdb::Env> env;
  rocksdb::Options options;
};

using Opened = std::pair<rocksdb::Status, std::unique_ptr<rocksdb::DB>>;

Opened OpenReadOnly(const Store& store, const rocksdb::Options& options) {
  rocksdb::DB* db = nullptr;
  rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options, store.folder, &db);
  return {std::move(status), std::unique_ptr<rocksdb::DB>(db)};
}

std::unexpected<Error> NoTornTail(const Store& store, const std::string& why) {
  return Fail(Code::kDataLoss, "STORE_CORRUPT",
              fmt::format("{}: {}; this is no torn tail: {}", store.folder, why, store.otherwise));
}

std::unexpected<Error> Unreadable(const Store& store, const rocksdb::Status& status) {
  return Fail(
      Code::kUnavailable, "STORE_UNREADABLE",
      fmt::format("{}: {}; check the disk, then repair again", store.folder, status.ToString()));
}

Result<void> Check(const Store& store, const Opened& opened) {
  if (opened.first.IsCorruption()) return NoTornTail(store, opened.first.ToString());
  if (!opened.first.ok()) return Unreadable(store, opened.first);
  return store.check ? store.check(*opened.second) : Result<void>();
}

// Of what the cut left: nobody may be told any more that nothing was changed.
Result<void> CheckLeft(const Store& store) {
  const Opened left = OpenReadOnly(store, Existing(store.options));
  const bool opens = left.first.ok();
  if (!opens && !left.first.IsCorruption()) return Unreadable(store, left.first);
  const Result<void> kept = opens && store.check ? store.check(*left.second) : Result<void>();
  if (opens && kept) return {};
  return Fail(Code::kDataLoss, "STORE_CUT_UNSOUND",
              fmt::format("{}: its torn tail is cut, and what is left is refused all the same: {}; "
                          "{}",
                          store.folder, opens ? kept.error().message : left.first.ToString(),
                          store.otherwise));
}

bool IsThere(const std::string& folder) {
  std::error_code unknown;
  return std::filesystem::exists(folder + "/CURRENT", unknown);
}

// The bytes of the MANIFEST that are damaged, and no row hangs on.
Result<uint64_t> FindManifestTail(const Store& store) {
  JALON_ASSIGN_OR_RETURN(const RecordDamage damage, FindManifestDamage(store.folder));
  if (damage.bytes == 0) return 0;
  const rocksdb::Status none = CheckNoRowLeftOut(Existing(store.options), store.folder);
  if (none.IsCorruption()) return NoTornTail(store, none.ToString());
  if (!none.ok()) return Unreadable(store, none);
  return damage.bytes;
}

}  // namespace

rocksdb::Status CheckBeforeOpening(const rocksdb::Options& options, const std::string& folder) {
  if (!IsThere(folder)) return rocksdb::Status::OK();
  const Result<RecordDamage> wal = FindWalDamage(folder);
  if (!wal) return rocksdb::Status::IOError(wal.error().message);
  if (wal->batch_behind) {
    return rocksdb::Status::Corruption("sound writes lie behind damage of the WAL");
  }
  const Result<RecordDamage> manifest = FindManifestDamage(folder);
  if (!manifest || manifest->bytes == 0) return rocksdb::Status::OK();  // or RocksDB says why not
  return CheckNoRowLeftOut(options, folder);
}

Result<StoreTail> FindStoreTail(const Store& store) {
  if (!IsThere(store.folder)) {
    return Fail(Code::kNotFound, "STORE_MISSING",
                fmt::format("there is no store in {}: name the data folder of the process that has "
                            "it",
                            store.folder));
  }
  JALON_ASSIGN_OR_RETURN(const RecordDamage wal, FindWalDamage(store.folder));
  if (wal.batch_behind) {
    return NoTornTail(store, "later writes lie behind the damage, and would be lost");
  }
  const rocksdb::Status refused = OpenReadOnly(store, Existing(store.options)).first;
  if (refused.ok()) {
    JALON_RETURN_IF_ERROR(FindManifestTail(store));  // one that RocksDB takes for its end
    return Fail(Code::kFailedPrecondition, "STORE_SOUND",
                fmt::format("{} opens: there is nothing to cut", store.folder));
  }
  if (!refused.IsCorruption()) return Unreadable(store, refused);
  const UpToDamage up_to_damage(store);
  JALON_RETURN_IF_ERROR(Check(store, OpenReadOnly(store, up_to_damage.options)));
  JALON_ASSIGN_OR_RETURN(const uint64_t manifest_bytes, FindManifestTail(store));
  if (wal.bytes + manifest_bytes == 0) return NoTornTail(store, refused.ToString());
  return StoreTail{.bytes = wal.bytes + manifest_bytes,
                   .has_write = wal.bytes > 0,
                   .damage = refused.ToString()};
}

Result<StoreTail> CutStoreTail(const Store& store) {
  JALON_ASSIGN_OR_RETURN(StoreTail tail, FindStoreTail(store));
  const UpToDamage up_to_damage(store);
  rocksdb::DB* db = nullptr;
  const rocksdb::Status cut = rocksdb::DB::Open(up_to_damage.options, store.folder, &db);
  delete db;
  if (!cut.ok()) return Unreadable(store, cut);
  JALON_RETURN_IF_ERROR(CheckLeft(store));
  return tail;
}

}  // namespace jalon::eventstore::rocks
