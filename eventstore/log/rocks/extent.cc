#include "eventstore/log/rocks/extent.h"

#include <fmt/format.h>

#include <numeric>

#include "eventstore/log/rocks/folder.h"
#include "jalon/log/v1/log.pb.h"

namespace jalon::eventstore::rocks {
namespace {

std::unexpected<Error> Corrupt(const std::string& what) {
  return Fail(Code::kDataLoss, "LOG_CORRUPT",
              what + "; keep a copy of the log folder, and restore the log from a backup");
}

// The commit number after the last one in a table file.
Result<uint64_t> EndOfFiles(const Database& database) {
  JALON_ASSIGN_OR_RETURN(const auto files, database.EntryFiles());
  uint64_t end = 0;
  for (const Database::TableFile& file : files) {
    if (file.first_commit != end) {
      return Corrupt(fmt::format("the log's files miss entries from {} on", end));
    }
    end = file.last_commit + 1;
  }
  JALON_ASSIGN_OR_RETURN(const uint64_t held, database.EntriesInFiles());
  if (held != end) return Corrupt(fmt::format("the log's files hold {} of {} entries", held, end));
  return end;
}

Result<uint64_t> EndOfEntries(const Database& database, uint64_t end) {
  const auto entries = database.Entries();
  const EntryKey first = EncodeEntryKey(end);
  for (entries->Seek(ToSlice(View(first))); entries->Valid(); entries->Next()) {
    if (DecodeEntryKey(ToView(entries->key())) != end) {
      return Corrupt(fmt::format("the log misses entries from {} on", end));
    }
    ++end;
  }
  if (!entries->status().ok()) {
    return std::unexpected(FromStatus(entries->status(), "cannot read the log's end"));
  }
  return end;
}

Result<log::v1::Genesis> GenesisAt(const Database& database, uint32_t partition) {
  JALON_ASSIGN_OR_RETURN(const std::string value, database.ReadRow(partition));
  const auto row = DecodeRow(value);
  log::v1::Entry entry;
  if (!row || row->partition != Partition{partition} || row->offset != Offset{0} ||
      !entry.ParseFromArray(row->entry.data(), static_cast<int>(row->entry.size())) ||
      !entry.has_genesis()) {
    return Corrupt(fmt::format("partition {} does not begin with a genesis", partition));
  }
  return entry.genesis();
}

// A log's first entries are the geneses of its partitions, in order.
Result<Birth> ReadBirth(const Database& database) {
  JALON_ASSIGN_OR_RETURN(const log::v1::Genesis first, GenesisAt(database, 0));
  Birth birth = BirthOf(first);
  for (uint32_t p = 0; p < birth.Partitions(); ++p) {
    JALON_ASSIGN_OR_RETURN(const log::v1::Genesis genesis, GenesisAt(database, p));
    if (!IsGenesisOf(genesis, birth, Partition{p})) {
      return Corrupt(fmt::format("partition {} is of another birth than partition 0", p));
    }
  }
  return birth;
}

}  // namespace

Result<Extent> MeasureExtent(const Database& database) {
  Extent extent;
  JALON_ASSIGN_OR_RETURN(const uint64_t end_of_files, EndOfFiles(database));
  JALON_ASSIGN_OR_RETURN(extent.next_commit, EndOfEntries(database, end_of_files));
  JALON_ASSIGN_OR_RETURN(extent.birth, ReadBirth(database));
  for (uint32_t p = 0; p < extent.birth.Partitions(); ++p) {
    JALON_ASSIGN_OR_RETURN(const auto last, database.RunAt(Partition{p}, Offset{UINT64_MAX}));
    if (!last) return Corrupt(fmt::format("partition {} has no entry", p));
    extent.heads.push_back(last->End());
  }
  const uint64_t placed = std::reduce(extent.heads.begin(), extent.heads.end());
  if (placed != extent.next_commit) {
    return Corrupt(fmt::format("the partitions hold {} entries of {}", placed, extent.next_commit));
  }
  return extent;
}

Result<void> CheckTestimony(const Database& database, const Extent& extent,
                            const Testimony& testimony) {
  const auto behind = [&](std::string_view what) {
    return Fail(Code::kDataLoss, "LOG_BEHIND_WITNESS",
                fmt::format("the log holds {} entries; its witness saw entry {} durable, which {}: "
                            "acknowledged entries are lost; keep a copy of the log folder, and "
                            "restore the log from a backup",
                            extent.next_commit, testimony.commit, what));
  };
  if (testimony.commit >= extent.next_commit) return behind("is not there");
  JALON_ASSIGN_OR_RETURN(const std::string value, database.ReadRow(testimony.commit));
  if (HashOfRow(testimony.commit, value) != testimony.hash) return behind("is another one now");
  return {};
}

Result<Testimony> Testify(const Database& database, const Extent& extent) {
  const uint64_t last = extent.next_commit - 1;
  JALON_ASSIGN_OR_RETURN(const std::string value, database.ReadRow(last));
  return Testimony{last, HashOfRow(last, value)};
}

Result<Opened> OpenChecked(const std::string& folder, Database::Mode mode,
                           const RocksLogOptions& options, const Testimony& testimony) {
  Opened opened;
  JALON_ASSIGN_OR_RETURN(opened.database, Database::Open(DatabasePath(folder), mode, options));
  JALON_ASSIGN_OR_RETURN(opened.extent, MeasureExtent(*opened.database));
  if (!options.testing.ignore_witness) {
    JALON_RETURN_IF_ERROR(CheckTestimony(*opened.database, opened.extent, testimony));
  }
  return opened;
}

}  // namespace jalon::eventstore::rocks
