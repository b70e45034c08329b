#include "eventstore/log/rocks/restore.h"

#include <fmt/format.h>

#include <memory>

#include "eventstore/log/record.h"
#include "eventstore/log/rocks/extent.h"
#include "eventstore/log/rocks/folder.h"

namespace jalon::eventstore {
namespace {

using rocks::Database;

constexpr size_t kBatchBytes = 4 * 1024 * 1024;

std::unexpected<Error> Unreadable(const rocksdb::Status& status) {
  return std::unexpected(rocks::FromStatus(status, "cannot read the backup"));
}

// A log's first entries are its geneses.
Result<Blob> Reborn(std::string_view genesis_entry, const Life& life) {
  log::v1::Entry entry;
  if (!entry.ParseFromArray(genesis_entry.data(), static_cast<int>(genesis_entry.size()))) {
    return Fail(Code::kDataLoss, "LOG_CORRUPT", "the backup does not begin with a genesis");
  }
  return EncodeGenesis(Restored(entry.genesis(), life));
}

Result<void> CopyEntries(const Database& from, const rocks::Extent& extent, const Life& life,
                         Database& to) {
  rocksdb::WriteBatch batch;
  const auto entries = from.Entries();
  for (entries->SeekToFirst(); entries->Valid(); entries->Next()) {
    const auto commit = rocks::DecodeEntryKey(rocks::ToView(entries->key()));
    const auto row = rocks::DecodeRow(rocks::ToView(entries->value()));
    if (!commit || !row) return Unreadable(rocksdb::Status::Corruption("a row that is no entry"));
    std::string_view bytes = row->entry;
    Blob genesis;
    if (*commit < extent.birth.Partitions()) {
      JALON_ASSIGN_OR_RETURN(genesis, Reborn(bytes, life));
      bytes = *genesis;
    }
    to.PutEntry(batch, *commit, row->partition, row->offset, bytes);
    if (batch.GetDataSize() < kBatchBytes) continue;
    to.Write(batch);
    batch.Clear();
  }
  if (!entries->status().ok()) return Unreadable(entries->status());
  to.Write(batch);
  return {};
}

Result<void> CopyRuns(const Database& from, Database& to) {
  rocksdb::WriteBatch batch;
  const auto runs = from.Runs();
  for (runs->SeekToFirst(); runs->Valid(); runs->Next()) {
    const auto run = rocks::DecodeRun(rocks::ToView(runs->key()), rocks::ToView(runs->value()));
    if (!run) return Unreadable(rocksdb::Status::Corruption("a row that is no run"));
    to.PutRun(batch, *run);
    if (batch.GetDataSize() < kBatchBytes) continue;
    to.Write(batch);
    batch.Clear();
  }
  if (!runs->status().ok()) return Unreadable(runs->status());
  to.Write(batch);
  return {};
}

}  // namespace

Result<void> RestoreLog(const std::string& backup, const std::string& folder, const Life& life,
                        const RocksLog::Beside& beside, const RocksLogOptions& options) {
  JALON_RETURN_IF_ERROR(rocks::CheckFolder(backup));
  JALON_ASSIGN_OR_RETURN(const auto testimony, rocks::Witness::Read(rocks::WitnessPath(backup)));
  JALON_ASSIGN_OR_RETURN(const auto source,
                         rocks::OpenChecked(backup, Database::Mode::kReadOnly, options, testimony));
  return rocks::MakeFolder(folder, [&](const std::string& unborn) -> Result<void> {
    JALON_ASSIGN_OR_RETURN(const auto database, Database::Open(rocks::DatabasePath(unborn),
                                                               Database::Mode::kCreate, options));
    JALON_RETURN_IF_ERROR(CopyEntries(*source.database, source.extent, life, *database));
    JALON_RETURN_IF_ERROR(CopyRuns(*source.database, *database));
    JALON_ASSIGN_OR_RETURN(const rocks::Extent copied, rocks::MeasureExtent(*database));
    if (copied.heads != source.extent.heads) {
      return Fail(Code::kDataLoss, "LOG_CORRUPT",
                  fmt::format("{} entries were copied of {}: check both disks, then restore again",
                              copied.next_commit, source.extent.next_commit));
    }
    JALON_ASSIGN_OR_RETURN(const auto last, rocks::Testify(*database, copied));
    JALON_RETURN_IF_ERROR(rocks::Witness::Create(rocks::WitnessPath(unborn), last));
    return beside ? beside(unborn) : Result<void>();
  });
}

}  // namespace jalon::eventstore
