// Each end of a key store's MANIFEST: repaired, and every key is there; or refused, and nothing was
// changed.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "eventstore/log/rocks/temp_folder_testing.h"
#include "eventstore/rocks/manifest_ends_testing.h"
#include "eventstore/vault/embedded/key_repair.h"
#include "eventstore/vault/embedded/key_store.h"

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

}  // namespace
}  // namespace jalon::eventstore
