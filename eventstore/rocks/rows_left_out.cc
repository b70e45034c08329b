#include "eventstore/rocks/rows_left_out.h"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/snapshot.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string_view>
#include <system_error>
#include <vector>

#include "eventstore/rocks/manifest_tail.h"
#include "eventstore/rocks/record_file.h"

namespace jalon::eventstore::rocks {
namespace {

namespace fs = std::filesystem;
using rocksdb::Status;

// Rows up to that number.
class UpTo final : public rocksdb::Snapshot {
 public:
  explicit UpTo(uint64_t row) : row_(row) {}
  ~UpTo() override = default;
  rocksdb::SequenceNumber GetSequenceNumber() const override { return row_; }
  int64_t GetUnixTime() const override { return 0; }
  uint64_t GetTimestamp() const override { return 0; }

 private:
  const uint64_t row_;
};

// The tables that the MANIFEST names, and the number of the last row that was ever flushed to one.
struct Named {
  std::set<std::string> tables;
  uint64_t last_row = 0;
};

Status ReadNamed(rocksdb::Options options, const std::string& folder, Named* named) {
  const auto env = UpToManifestDamageWithoutWal(options.env);
  options.env = env.get();
  options.create_if_missing = false;
  options.track_and_verify_wals_in_manifest = false;
  rocksdb::DB* opened = nullptr;
  Status status = rocksdb::DB::OpenForReadOnly(options, folder, &opened);
  if (!status.ok()) return status;
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::vector<rocksdb::LiveFileMetaData> files;
  db->GetLiveFilesMetaData(&files);
  for (const auto& file : files) named->tables.insert(file.relative_filename);
  named->last_row = db->GetLatestSequenceNumber();
  return Status::OK();
}

// RocksDB writes this last: what does not end like that was never finished, so never named.
bool WasNeverFinished(const fs::path& table) {
  constexpr std::string_view kEnd = "\xf7\xcf\xf4\x85\xb7\x41\xe2\x88";
  std::error_code unknown;
  const uintmax_t size = fs::file_size(table, unknown);
  if (unknown || size < kEnd.size()) return !unknown;
  std::ifstream file(table, std::ios::binary);
  std::string end(kEnd.size(), '\0');
  file.seekg(static_cast<std::streamoff>(size - kEnd.size()));
  return file.read(end.data(), std::ssize(end)) && end != kEnd;
}

using Rows = std::unique_ptr<rocksdb::Iterator>;

Rows RowsOf(rocksdb::SstFileReader& table, const UpTo* up_to) {
  rocksdb::ReadOptions options;
  options.snapshot = up_to;
  Rows rows(table.NewIterator(options));
  rows->SeekToFirst();
  return rows;
}

Status NowhereElse(const fs::path& table) {
  return Status::Corruption("the damaged MANIFEST named a table, and its rows are nowhere else",
                            table.filename().string());
}

// `is_all`: no table is named any more.
Status CheckNoRowBehind(const rocksdb::Options& options, const fs::path& table, uint64_t last_row,
                        bool is_all) {
  rocksdb::Options fresh = options;  // whose cache does not know of a table of the same making
  fresh.table_factory.reset(rocksdb::NewBlockBasedTableFactory());
  rocksdb::SstFileReader reader(fresh);
  if (Status opened = reader.Open(table); !opened.ok()) return opened;
  // A compaction may take the numbers of its rows away, and was of tables that were named.
  const UpTo none(0);
  if (is_all && RowsOf(reader, &none)->Valid()) return NowhereElse(table);
  const UpTo up_to(last_row);
  const Rows all = RowsOf(reader, nullptr);
  const Rows kept = RowsOf(reader, &up_to);
  while (all->Valid() && kept->Valid() && all->key() == kept->key() &&
         all->value() == kept->value()) {
    all->Next();
    kept->Next();
  }
  if (!all->status().ok()) return all->status();
  if (!kept->status().ok()) return kept->status();
  return all->Valid() || kept->Valid() ? NowhereElse(table) : Status::OK();
}

}  // namespace

Status CheckNoRowLeftOut(const rocksdb::Options& options, const std::string& folder) {
  Named named;
  if (Status read = ReadNamed(options, folder, &named); !read.ok()) return read;
  const auto last_row = LastRowInWal(folder, named.last_row);
  if (!last_row) return Status::IOError(last_row.error().message);
  if (!*last_row) {
    return Status::Corruption(
        "the damaged MANIFEST named tables, and their rows are nowhere else: later ones are in the "
        "WAL");
  }
  std::error_code error;
  for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator();
       at.increment(error)) {
    const fs::path& path = at->path();
    if (path.extension() != ".sst" || named.tables.contains(path.filename().string())) continue;
    if (WasNeverFinished(path)) continue;
    Status none = CheckNoRowBehind(options, path, **last_row, named.tables.empty());
    if (!none.ok()) return none;
  }
  if (error) return Status::IOError("cannot list " + folder, error.message());
  return Status::OK();
}

}  // namespace jalon::eventstore::rocks
