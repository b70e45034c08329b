#include "eventstore/vault/embedded/key_repair.h"

#include <fmt/format.h>
#include <rocksdb/db.h>

#include <optional>

#include "eventstore/vault/embedded/key_store.h"
#include "eventstore/vault/embedded/key_store_options.h"
#include "eventstore/vault/key_witness.h"

namespace jalon::eventstore {
namespace {

std::unexpected<Error> Unreadable(const std::string& folder, const std::string& why,
                                  const std::string& otherwise) {
  return Fail(Code::kDataLoss, "STORE_CORRUPT",
              fmt::format("the mark of {} cannot be read: {}; {}", folder, why, otherwise));
}

// As a store has it that was never written: with nothing.
Result<KeyMark> MarkOf(const std::string& folder, rocksdb::DB& db, const std::string& otherwise) {
  std::string stored;
  const rocksdb::Status status = db.Get(rocksdb::ReadOptions(), MarkRow(), &stored);
  if (status.IsNotFound()) return KeyMark{.life = {}, .writes = 0};
  if (!status.ok()) return Unreadable(folder, status.ToString(), otherwise);
  std::optional<KeyMark> mark = DecodeMark(stored);
  if (!mark) return Unreadable(folder, "it is none", otherwise);
  return *std::move(mark);
}

}  // namespace

Result<rocks::StoreTail> RepairKeyStore(const std::string& folder, const std::string& witness_path,
                                        bool dry_run, const std::string& otherwise) {
  JALON_ASSIGN_OR_RETURN(const auto witness, KeyWitness::Open(witness_path));
  const auto check = [&](rocksdb::DB& db) -> Result<void> {
    if (witness == nullptr) return {};
    JALON_ASSIGN_OR_RETURN(const KeyMark kept, MarkOf(folder, db, otherwise));
    const KeyMark& seen = witness->Last();
    if (kept.life == seen.life && kept.writes >= seen.writes) return {};
    return Fail(
        Code::kFailedPrecondition, "KEYS_OLDER",
        fmt::format("{} saw {} writes{}, and before the damage {} has {}: keys that were "
                    "given lie behind the damage, and nothing was cut; {}",
                    witness_path, seen.writes, kept.life == seen.life ? "" : " of another store",
                    folder, kept.writes, otherwise));
  };
  const rocksdb::Options options = KeyStoreOptions();
  const rocks::Store store{
      .folder = folder, .options = options, .check = check, .otherwise = otherwise};
  return dry_run ? rocks::FindStoreTail(store) : rocks::CutStoreTail(store);
}

}  // namespace jalon::eventstore
