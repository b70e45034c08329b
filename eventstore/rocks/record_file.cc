#include "eventstore/rocks/record_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace jalon::eventstore::rocks {
namespace {

constexpr size_t kBlock = 32 * 1024;
constexpr size_t kHeader = 7;
constexpr size_t kBatchHeader = sizeof(uint64_t) + sizeof(uint32_t);
constexpr uint8_t kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4;

constexpr std::array<uint32_t, 256> CrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
    table[i] = crc;
  }
  return table;
}

uint32_t MaskedCrc32c(std::string_view bytes) {
  static constexpr std::array<uint32_t, 256> kTable = CrcTable();
  uint32_t crc = ~uint32_t{0};
  for (const char byte : bytes) crc = crc >> 8 ^ kTable[(crc ^ static_cast<uint8_t>(byte)) & 0xff];
  crc = ~crc;
  return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

struct Record {
  uint8_t type = 0;
  size_t end = 0;
};

struct Batch {
  uint64_t first = 0;
  uint32_t rows = 0;
};

// The sound record at `at`, if there is one; it does not go beyond its block.
std::optional<Record> RecordAt(std::string_view wal, size_t at) {
  const size_t block_end = std::min(wal.size(), (at / kBlock + 1) * kBlock);
  if (at + kHeader > block_end) return std::nullopt;
  uint32_t crc;
  uint16_t length;
  std::memcpy(&crc, &wal[at], sizeof crc);
  std::memcpy(&length, &wal[at + 4], sizeof length);
  const size_t end = at + kHeader + length;
  if (end > block_end || MaskedCrc32c(wal.substr(at + 6, length + size_t{1})) != crc) {
    return std::nullopt;
  }
  return Record{static_cast<uint8_t>(wal[at + 6]), end};
}

// Where the records stop being sound; nothing if all are. What is too short for a header ends its
// block, and zeros may end the file. RocksDB takes a header of zeros for the end of its block
// wherever it is, and passes over what lies there: that is damage too. So is a batch that goes
// beyond its block and has no last record, from its first one on, unless the file ends with it.
std::optional<size_t> FirstDamage(std::string_view wal) {
  std::optional<size_t> begun;
  for (size_t at = 0; at < wal.size();) {
    const size_t block_end = (at / kBlock + 1) * kBlock;
    if (at + kHeader > block_end) {
      at = block_end;
      continue;
    }
    if (!begun && wal.find_first_not_of('\0', at) == std::string_view::npos) break;
    const auto record = RecordAt(wal, at);
    const bool goes_on = record && (record->type == kMiddle || record->type == kLast);
    if (!record || goes_on != begun.has_value()) return begun.value_or(at);
    if (record->type == kFirst) begun = at;
    if (record->type == kLast) begun.reset();
    at = record->end;
  }
  return std::nullopt;
}

std::optional<Batch> BatchIn(std::string_view header) {
  Batch batch;
  if (header.size() < kBatchHeader) return std::nullopt;
  std::memcpy(&batch.first, header.data(), sizeof batch.first);
  std::memcpy(&batch.rows, header.data() + sizeof batch.first, sizeof batch.rows);
  return batch;
}

// Those that are there whole. REQUIRES: no damage.
std::vector<Batch> BatchesOf(std::string_view wal) {
  std::vector<Batch> batches;
  std::string header;
  for (size_t at = 0; at < wal.size();) {
    const auto record = RecordAt(wal, at);
    if (!record) {  // what is too short for one, or zeros
      at = (at / kBlock + 1) * kBlock;
      continue;
    }
    if (record->type == kFull || record->type == kFirst) header.clear();
    header += wal.substr(at + kHeader, std::min(record->end - at - kHeader, kBatchHeader));
    at = record->end;
    if (record->type != kFull && record->type != kLast) continue;
    if (const auto batch = BatchIn(header)) batches.push_back(*batch);
  }
  return batches;
}

// The length of a damaged record cannot be trusted: any byte may be where the next one begins.
bool BatchBeginsIn(std::string_view wal, size_t from) {
  for (size_t at = from; at + kHeader <= wal.size(); ++at) {
    const auto type = static_cast<uint8_t>(wal[at + 6]);
    if ((type == kFull || type == kFirst) && RecordAt(wal, at)) return true;
  }
  return false;
}

std::unexpected<Error> Unreadable(const std::filesystem::path& path) {
  return Fail(Code::kUnavailable, "STORE_UNREADABLE",
              fmt::format("cannot read {}; check the disk, and who may read it", path.string()));
}

// By read, which does not throw where the disk cannot.
Result<std::string> ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes;
  std::vector<char> piece(size_t{1} << 20);
  do {
    file.read(piece.data(), std::ssize(piece));
    bytes.append(piece.data(), static_cast<size_t>(file.gcount()));
  } while (file);
  if (file.is_open() && !file.bad()) return bytes;
  return Unreadable(path);
}

Result<std::vector<std::filesystem::path>> WalFiles(const std::string& database_path) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator at(database_path, error); !error && at != fs::directory_iterator();
       at.increment(error)) {
    if (at->path().extension() == ".log") files.push_back(at->path());
  }
  if (error) {
    return Fail(Code::kUnavailable, "STORE_UNREADABLE",
                fmt::format("cannot list {}: {}; check the disk, and who may read it",
                            database_path, error.message()));
  }
  // By number, which has leading zeros up to six digits.
  std::ranges::sort(files, {}, [](const fs::path& file) {
    return std::pair(file.filename().string().size(), file.filename());
  });
  return files;
}

}  // namespace

RecordDamage DamageIn(std::string_view records) {
  const std::optional<size_t> damage = FirstDamage(records);
  if (!damage) return {};
  return {records.size() - *damage, BatchBeginsIn(records, *damage + 1)};
}

Result<RecordDamage> FindWalDamage(const std::string& database_path) {
  JALON_ASSIGN_OR_RETURN(const auto files, WalFiles(database_path));
  RecordDamage found;
  for (const std::filesystem::path& path : files) {
    JALON_ASSIGN_OR_RETURN(const std::string wal, ReadFile(path));
    if (found.bytes > 0) {
      found.bytes += wal.size();
      found.batch_behind = found.batch_behind || BatchBeginsIn(wal, 0);
    } else {
      found = DamageIn(wal);
    }
  }
  return found;
}

Result<std::optional<uint64_t>> LastRowInWal(const std::string& database_path, uint64_t behind) {
  JALON_ASSIGN_OR_RETURN(const auto files, WalFiles(database_path));
  uint64_t last = behind;
  for (const std::filesystem::path& path : files) {
    JALON_ASSIGN_OR_RETURN(const std::string wal, ReadFile(path));
    const uint64_t damaged = DamageIn(wal).bytes;
    for (const Batch& batch : BatchesOf(std::string_view(wal).substr(0, wal.size() - damaged))) {
      if (batch.first > last + 1) return std::nullopt;
      last = std::max(last, batch.first + batch.rows - 1);
    }
    if (damaged > 0) break;
  }
  return last;
}

Result<RecordDamage> FindManifestDamage(const std::string& database_path) {
  JALON_ASSIGN_OR_RETURN(std::string name, ReadFile(database_path + "/CURRENT"));
  if (name.ends_with('\n')) name.pop_back();
  if (name.empty()) return Unreadable(database_path + "/CURRENT");
  JALON_ASSIGN_OR_RETURN(const std::string manifest, ReadFile(database_path + "/" + name));
  return DamageIn(manifest);
}

}  // namespace jalon::eventstore::rocks
