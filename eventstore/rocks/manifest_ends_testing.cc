#include "eventstore/rocks/manifest_ends_testing.h"

#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

#include "eventstore/base/check.h"
#include "eventstore/rocks/record_file.h"

namespace jalon::eventstore::testing {
namespace {

namespace fs = std::filesystem;

class Keeping final : public rocksdb::FileSystemWrapper {
 public:
  explicit Keeping(std::shared_ptr<std::set<std::string>> removed)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), removed_(std::move(removed)) {}
  const char* Name() const override { return "Keeping"; }

  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    const fs::path name = fs::path(path).filename();
    if (name.extension() != ".log" && name.extension() != ".sst") {
      return FileSystemWrapper::DeleteFile(path, options, debug);
    }
    const std::lock_guard lock(mutex_);
    removed_->insert(name);
    return rocksdb::IOStatus::OK();
  }

 private:
  std::mutex mutex_;
  const std::shared_ptr<std::set<std::string>> removed_;
};

void WriteStore(const StoreFiles& files, const std::string& folder) {
  fs::remove_all(folder);
  fs::create_directories(folder);
  for (const auto& [name, bytes] : files) {
    std::ofstream(fs::path(folder) / name, std::ios::binary).write(bytes.data(), std::ssize(bytes));
  }
}

// Damaged from `at` on.
std::vector<std::string> EndsAt(const std::string& manifest, size_t at) {
  std::string overwritten = manifest, zeroed = manifest, flipped = manifest;
  for (size_t i = at; i < manifest.size(); ++i) {
    overwritten[i] = static_cast<char>(overwritten[i] ^ 0x5a);
    zeroed[i] = '\0';
  }
  flipped[at] = static_cast<char>(flipped[at] ^ (1 << at % 8));
  return {manifest.substr(0, at), overwritten, zeroed, flipped};
}

}  // namespace

KeepingDisk::KeepingDisk()
    : removed_(std::make_shared<std::set<std::string>>()),
      env_(rocksdb::NewCompositeEnv(std::make_shared<Keeping>(removed_))) {}
KeepingDisk::~KeepingDisk() = default;

StoreFiles ReadStore(const std::string& folder) {
  StoreFiles files;
  for (const auto& file : fs::directory_iterator(folder)) {
    std::ifstream bytes(file.path(), std::ios::binary);
    files[file.path().filename()] = {std::istreambuf_iterator<char>(bytes), {}};
  }
  return files;
}

StoreFiles Without(StoreFiles files, const std::set<std::string>& names) {
  for (const std::string& name : names) files.erase(name);
  return files;
}

std::string& ManifestOf(StoreFiles& files) {
  const std::string& current = files.at("CURRENT");
  return files.at(current.substr(0, current.size() - 1));
}

uint64_t LastRecordBytes(const std::string& manifest) {
  std::string damaged = manifest;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  return rocks::DamageIn(damaged).bytes;
}

std::string TornRecord() {
  return std::string("\x01\x02\x03\x04\x64\x00\x01", 7) + "some of it" + std::string(90, '\0');
}

void TryRepair(const StoreFiles& files, const StoreInTest& store, EndsFound* found) {
  WriteStore(files, store.folder);
  const auto dry = store.repair(true);
  EXPECT_TRUE(ReadStore(store.folder) == files) << "a dry run changed something";
  const auto cut = store.repair(false);
  ASSERT_EQ(cut ? "" : cut.error().reason, dry ? "" : dry.error().reason);
  if (cut) {
    EXPECT_EQ(cut->bytes, dry->bytes);
    EXPECT_EQ(store.open(), "");
    ++found->repaired;
    return;
  }
  EXPECT_TRUE(ReadStore(store.folder) == files) << "what is refused was changed";
  if (cut.error().reason == "STORE_SOUND") {
    EXPECT_EQ(store.open(), "");
    ++found->opened;
    return;
  }
  EXPECT_EQ(cut.error().reason, "STORE_CORRUPT") << cut.error().message;
  EXPECT_EQ(store.open(), "refused");
  ++found->refused;
}

EndsFound TryEnds(const StoreFiles& files, uint64_t bytes, uint64_t step,
                  const StoreInTest& store) {
  EndsFound found;
  StoreFiles damaged = files;
  std::string& manifest = ManifestOf(damaged);
  const std::string whole = manifest;
  JALON_CHECK(bytes <= whole.size());
  uint64_t tried = 0;
  for (uint64_t from_end = 1; from_end <= bytes; ++from_end) {
    for (const std::string& end : EndsAt(whole, whole.size() - from_end)) {
      const rocks::RecordDamage damage = rocks::DamageIn(end);
      if (tried++ % step != 0 || damage.bytes == 0) continue;
      manifest = end;
      SCOPED_TRACE(std::to_string(from_end) + " from the end, " + std::to_string(end.size()) +
                   " bytes");
      EndsFound one;
      TryRepair(damaged, store, &one);
      found.repaired += one.repaired;
      found.opened += one.opened;
      (damage.batch_behind ? found.behind : found.refused) += one.refused;
      EXPECT_FALSE(damage.batch_behind && one.repaired > 0) << "sound records lie behind";
    }
  }
  std::printf("%lu repaired, %lu opened, %lu refused, and %lu with sound records behind\n",
              found.repaired, found.opened, found.refused, found.behind);
  return found;
}

}  // namespace jalon::eventstore::testing
