// Each end of a key store's MANIFEST: repaired, and every key is there; or refused, and nothing was
// changed.
#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "eventstore/log/rocks/temp_folder_testing.h"
#include "eventstore/rocks/manifest_ends_testing.h"
#include "eventstore/vault/embedded/key_repair.h"
#include "eventstore/vault/embedded/key_store.h"
#include "tests/faults/faulty_disk.h"

namespace jalon::eventstore {
namespace {

using testing::EndsFound;
using testing::StoreFiles;

class KeyManifestTest : public ::testing::Test {
 protected:
  KeyManifestTest() { Start(); }

  void Start() {
    store_.reset();
    auto opened =
        KeyStore::Open(made_, {.witness_path = temp_ / "witness", .testing = {.env = disk_.env()}});
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
  }
  static std::string Row(int key) { return "p" + std::to_string(key); }
  void MakeKeys(int count) {
    for (; count > 0; --count) {
      ++keys_;
      ASSERT_TRUE(store_->Write({{Row(keys_), "a key"}}, {}));
    }
  }
  void DestroyKey(int key) {
    ASSERT_TRUE(store_->Write({{"x" + Row(key), "destroyed"}}, {Row(key)}));
    destroyed_ = key;
  }
  std::string Lacks(KeyStore& store) const {
    for (int key = 1; key <= keys_; ++key) {
      if (store.Get(Row(key)).value().has_value() == (key == destroyed_)) return Row(key);
    }
    return "";
  }
  StoreFiles Kept() const { return testing::ReadStore(made_); }
  StoreFiles Synced() const { return testing::Without(Kept(), disk_.removed()); }
  uint64_t ManifestBytes() const {
    StoreFiles files = Kept();
    return testing::ManifestOf(files).size();
  }
  // Of what was written to it since `from`. Nobody is asked: no witness is there.
  EndsFound Try(StoreFiles files, uint64_t from, uint64_t step) {
    const std::string folder = temp_ / "tried";
    const auto repair = [&](bool dry_run) {
      return RepairKeyStore(folder, temp_ / "none", dry_run);
    };
    const auto open = [&]() -> std::string {
      const auto store = KeyStore::Open(folder);
      return store ? Lacks(**store) : "refused";
    };
    return testing::TryEnds(files, testing::ManifestOf(files).size() - from, step,
                            {folder, repair, open});
  }

  const testing::TempFolder temp_{testing::TempFolder::kInMemory};
  const std::string made_ = temp_ / "made";
  const testing::KeepingDisk disk_;
  std::unique_ptr<KeyStore> store_;
  int keys_ = 0;
  int destroyed_ = 0;
};

// A key is destroyed: what held it is flushed, then compacted away. Only then is it written on.
TEST_F(KeyManifestTest, NoEndOfItLosesAKeyOrBringsOneBack) {
  MakeKeys(20);
  Start();
  MakeKeys(5);
  DestroyKey(3);
  const uint64_t from = ManifestBytes();
  ASSERT_TRUE(store_->Forget("p", "q"));
  MakeKeys(5);
  const EndsFound kept = Try(Kept(), from, 3);
  EXPECT_GT(kept.repaired, 50u);
  EXPECT_GT(kept.opened, 30u);
  EXPECT_EQ(kept.refused, 0u);
  EXPECT_GT(Try(Synced(), from, 5).refused, 50u);
}

// What it begins with is synced before it counts, and the files before it are gone.
TEST_F(KeyManifestTest, NoEndOfANewOneLosesAKey) {
  MakeKeys(20);
  DestroyKey(3);
  Start();
  EXPECT_GT(Try(Synced(), 0, 5).refused, 50u);
  MakeKeys(5);
  EXPECT_GT(Try(Synced(), 0, 5).refused, 50u);
  EXPECT_GT(Try(Kept(), 0, 5).repaired, 20u);
}

// The power goes when the MANIFEST is to be synced for that time.
class CutsBeforeSync final : public rocksdb::FileSystemWrapper {
 public:
  CutsBeforeSync(faults::FaultyDisk& disk, int at)
      : FileSystemWrapper(disk.env()->GetFileSystem()), disk_(disk), left_(at) {}
  const char* Name() const override { return "CutsBeforeSync"; }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* made,
                                    rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = FileSystemWrapper::NewWritableFile(path, options, made, debug);
    if (status.ok() && path.find("/MANIFEST-") != std::string::npos) {
      *made = std::make_unique<File>(*this, std::move(*made));
    }
    return status;
  }

 private:
  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(CutsBeforeSync& disk, std::unique_ptr<rocksdb::FSWritableFile> file)
        : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk) {}
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
      if (--disk_.left_ == 0) disk_.disk_.Cut();
      return FSWritableFileOwnerWrapper::Sync(options, debug);
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                            rocksdb::IODebugContext* debug) override {
      if (--disk_.left_ == 0) disk_.disk_.Cut();
      return FSWritableFileOwnerWrapper::Fsync(options, debug);
    }

   private:
    CutsBeforeSync& disk_;
  };

  faults::FaultyDisk& disk_;
  std::atomic<int> left_;
};

// What is left of a store whose MANIFEST grows over several sectors, and which a power cut meets
// while a record of it is not synced yet. Keys that were given by then: `given`.
void MakeKeysUntilCut(const std::string& folder, const std::string& left, uint64_t seed, int at,
                      int* given) {
  faults::FaultCounts counts;
  std::atomic<bool> dark = false;
  const auto copy = [&] {
    dark = true;
    std::filesystem::copy(folder, left, std::filesystem::copy_options::recursive);
  };
  faults::FaultyDisk disk({.seed = seed, .loss = faults::Loss::kHoles, .at_cut = copy}, &counts);
  const auto env = rocksdb::NewCompositeEnv(std::make_shared<CutsBeforeSync>(disk, at));
  const auto store = KeyStore::Open(folder, {.testing = {.env = env.get()}});
  while (!dark && store) {
    for (int i = 0; i < 3 && !dark; ++i) {
      if (!(*store)->Write({{"p" + std::to_string(*given + 1), "a key"}}, {})) break;
      ++*given;
    }
    if (!(*store)->Forget("p", "q")) break;
  }
  EXPECT_TRUE(dark);
}

// A cut tears a record where that goes beyond its sector. Of two that were to be synced at once it
// may leave the second one whole, and not the first: that is refused, and a copy has to help.
TEST(KeyManifestPowerCut, WhatItTearsIsCutAndNoKeyIsLost) {
  const testing::TempFolder temp(testing::TempFolder::kInMemory);
  int cuts = 0, repaired = 0, refused = 0;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    for (int at = 3; at < 55; ++at) {  // the first two are the store's birth
      const std::string name = temp / std::to_string(seed) + "." + std::to_string(at);
      const std::string left = name + ".left";
      SCOPED_TRACE(left);
      int given = 0;
      MakeKeysUntilCut(name, left, seed, at, &given);
      ++cuts;
      if (!KeyStore::Open(left)) {
        const auto tail = RepairKeyStore(left, temp / "none", false);
        ++(tail ? repaired : refused);
        if (!tail) {
          EXPECT_EQ(tail.error().reason, "STORE_CORRUPT") << tail.error().message;
          continue;
        }
      }
      const auto store = KeyStore::Open(left);
      ASSERT_TRUE(store) << store.error().message;
      for (int key = 1; key <= given; ++key) {
        EXPECT_TRUE((*store)->Get("p" + std::to_string(key)).value()) << key;
      }
      std::filesystem::remove_all(name);
      std::filesystem::remove_all(left);
    }
  }
  std::printf("%d cuts, %d repaired, %d refused\n", cuts, repaired, refused);
  EXPECT_GT(repaired, 5);
  EXPECT_LT(refused, 3);
}

}  // namespace
}  // namespace jalon::eventstore
