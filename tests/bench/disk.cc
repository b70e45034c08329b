#include "tests/bench/disk.h"

#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

namespace jalon::bench {
namespace {

using Time = std::chrono::steady_clock;
constexpr long kTmpfsMagic = 0x01021994;
constexpr long kRamfsMagic = 0x858458f6;

double SecondsSince(Time::time_point start) {
  return std::chrono::duration<double>(Time::now() - start).count();
}

bool IsOnDisk(const std::string& folder) {
  struct statfs info{};
  return statfs(folder.c_str(), &info) == 0 && info.f_type != kTmpfsMagic &&
         info.f_type != kRamfsMagic;
}

}  // namespace

std::optional<std::string> FreshFolder(const Words& given, const std::string& name) {
  const std::string folder =
      std::filesystem::absolute(given.Text("--data", "build/bench-data") + "/" + name).string();
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  if (IsOnDisk(folder)) return folder;
  std::fprintf(stderr, "%s is in memory; give --data a folder on a disk\n", folder.c_str());
  return std::nullopt;
}

double FdatasyncP50Us(const std::string& folder) {
  constexpr int kWrites = 500;
  const std::string path = folder + "/fdatasync.probe";
  const int fd = open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  const std::vector<char> block(4096, 'x');
  std::vector<double> times;
  for (int i = 0; i < kWrites; ++i) {
    const auto start = Time::now();
    if (write(fd, block.data(), block.size()) < 0 || fdatasync(fd) != 0) break;
    times.push_back(SecondsSince(start) * 1e6);
  }
  close(fd);
  unlink(path.c_str());
  std::sort(times.begin(), times.end());
  return times.empty() ? 0 : times[times.size() / 2];
}

double RocksBatchesPerSecond(const std::string& folder, size_t record_bytes, uint32_t batches) {
  constexpr uint64_t kRecords = 1000;
  const std::string path = folder + "/raw-rocks";
  std::filesystem::remove_all(path);
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::Open(options, path, &opened).ok()) return 0;
  const std::unique_ptr<rocksdb::DB> db(opened);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const std::string value(record_bytes, 'v');
  uint64_t next = 0;
  const auto start = Time::now();
  for (uint32_t i = 0; i < batches; ++i) {
    rocksdb::WriteBatch batch;
    for (uint64_t record = 0; record < kRecords; ++record, ++next) {
      char key[8];
      for (int byte = 0; byte < 8; ++byte) key[byte] = static_cast<char>(next >> (56 - 8 * byte));
      batch.Put(rocksdb::Slice(key, sizeof(key)), value);
    }
    if (!db->Write(synced, &batch).ok()) return 0;
  }
  return static_cast<double>(batches * kRecords) / SecondsSince(start);
}

}  // namespace jalon::bench
