#include "projections/engine/store_testing.h"

#include <stdlib.h>

#include <filesystem>

#include "eventstore/base/check.h"
#include "projections/engine/memory_store.h"

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

}  // namespace

StoreKind StoreInMemory() {
  return {"Memory", []() -> std::unique_ptr<StoreFixture> { return std::make_unique<Memory>(); }};
}

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
