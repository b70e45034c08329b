#include "projections/engine/store_testing.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "eventstore/base/check.h"

namespace jalon::projections::testing {
namespace {

class Memory final : public StoreFixture {
 public:
  ViewStore& store() override { return store_; }
  void Reopen() override {
    ASSERT_TRUE(store_.Flush(true));
    store_.Crash(0);
  }

 private:
  MemoryViewStore store_;
};

class Rocks final : public StoreFixture {
 public:
  Rocks() { Open(); }
  ViewStore& store() override { return *store_; }
  void Reopen() override {
    store_.reset();
    Open();
  }

 private:
  void Open() {
    auto store = RocksViewStore::Open({.path = folder_.path() + "/views"});
    ASSERT_TRUE(store) << store.error().message;
    store_ = *std::move(store);
  }
  TempFolder folder_;
  std::unique_ptr<RocksViewStore> store_;
};

}  // namespace

std::unique_ptr<StoreFixture> MemoryFixture() { return std::make_unique<Memory>(); }
std::unique_ptr<StoreFixture> RocksFixture() { return std::make_unique<Rocks>(); }

TempFolder::TempFolder() {
  std::string path = std::filesystem::temp_directory_path() / "jalon_views_XXXXXX";
  JALON_CHECK(mkdtemp(path.data()) != nullptr);
  path_ = path;
}
TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace jalon::projections::testing
