#include "eventstore/log/rocks/flip_testing.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "eventstore/base/check.h"
#include "eventstore/log/rocks/child_testing.h"
#include "eventstore/log/rocks/folder.h"
#include "eventstore/log/rocks/temp_folder_testing.h"

namespace jalon::eventstore::testing {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

Files ReadFiles(const std::string& folder) {
  Files files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    files[fs::relative(entry.path(), folder).string()] = ReadFile(entry.path());
  }
  return files;
}

SmallLog MakeSmallLog() {
  const TempFolder temp;
  const std::string folder = temp / "log", old_witness = temp / "old_witness";
  const Ending ending = RunInChild([&]() -> std::string {
    if (!RocksLog::Create(folder, NumberedBirth())) return "create";
    for (const uint64_t count : {9, 4, 6}) {  // opening writes what the WAL held to a table file
      auto log = RocksLog::Open(folder);
      if (!log) return log.error().message;
      AppendNumbered(**log, 1, true);
      fs::copy_file(rocks::WitnessPath(folder), old_witness, fs::copy_options::overwrite_existing);
      AppendNumbered(**log, count, false);
      AppendNumbered(**log, 2, true);
    }
    return "";
  });
  JALON_CHECK(ending.words.empty() && ending.signal == 0);
  SmallLog log{ReadFiles(folder), {}, ReadFile(old_witness)};
  log.heads.fill(1 + 9 + 4 + 6 + 3 * 3);
  return log;
}

void WriteFiles(const Files& files, const std::string& folder) {
  fs::remove_all(folder);
  for (const auto& [path, bytes] : files) {
    const fs::path whole = fs::path(folder) / path;
    fs::create_directories(whole.parent_path());
    std::ofstream(whole, std::ios::binary).write(bytes.data(), std::ssize(bytes));
  }
}

void Verdicts::Add(const Verdicts& more) {
  served += more.served;
  refused += more.refused;
  aborted += more.aborted;
  lost.insert(lost.end(), more.lost.begin(), more.lost.end());
}

void Flip(const SmallLog& log, const std::string& file, uint64_t bit, RocksLogOptions options,
          Verdicts* verdicts) {
  options.ring_entries_max = 64;         // hundreds of openings:
  options.memtable_bytes = 1024 * 1024;  // what is set aside for each counts
  const TempFolder temp(TempFolder::kInMemory);
  const std::string folder = temp / "log";
  Files files = log.files;
  char& byte = files.at(file)[bit / 8];
  byte = static_cast<char>(byte ^ (1 << (bit % 8)));
  WriteFiles(files, folder);
  const Ending ending = RunInChild([&] { return OpenAndCheck(folder, log.heads, options); });
  if (ending.signal != 0) {
    ++verdicts->aborted;
  } else if (ending.words.empty()) {
    ++verdicts->served;
  } else if (ending.words.starts_with("refused")) {
    ++verdicts->refused;
  } else {
    verdicts->lost.push_back(fmt::format("{} bit {}: {}", file, bit, ending.words));
  }
}

Verdicts FlipSome(const SmallLog& log, const std::string& file, uint64_t count,
                  const RocksLogOptions& options) {
  const uint64_t bits = log.files.at(file).size() * 8;
  if (bits == 0) return {};                                       // an empty file, such as a lock
  const uint64_t step = std::max<uint64_t>(1, bits / count) | 1;  // odd: every bit of a byte
  Verdicts verdicts;
  for (uint64_t bit = 0; bit < bits; bit += step) Flip(log, file, bit, options, &verdicts);
  return verdicts;
}

std::string WalOf(const SmallLog& log) {
  std::string wal;
  for (const auto& [path, bytes] : log.files) {
    if (!path.ends_with(".log") || bytes.empty()) continue;
    JALON_CHECK(wal.empty());
    wal = path;
  }
  JALON_CHECK(!wal.empty());
  return wal;
}

// A record's fragment: checksum (4) ‖ length (2, little-endian) ‖ type (1) ‖ bytes. These logs are
// smaller than one 32 KiB block.
WalLayout WalBytes(const SmallLog& log) {
  constexpr size_t kHeader = 7, kBlock = 32 * 1024;
  const std::string& wal = log.files.at(WalOf(log));
  JALON_CHECK(wal.size() < kBlock);
  WalLayout layout;
  for (size_t at = 0; at + kHeader <= wal.size();) {
    const auto length = static_cast<size_t>(static_cast<uint8_t>(wal[at + 4])) |
                        static_cast<size_t>(static_cast<uint8_t>(wal[at + 5])) << 8;
    for (size_t i = 0; i < kHeader; ++i) layout.headers.push_back(at + i);
    for (size_t i = 0; i < length; ++i) layout.payload.push_back(at + kHeader + i);
    at += kHeader + length;
  }
  return layout;
}

}  // namespace jalon::eventstore::testing
