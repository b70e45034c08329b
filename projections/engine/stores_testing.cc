// The stores of this build: in memory and at rest.
#include "projections/engine/rocks_store.h"
#include "projections/engine/store_testing.h"

namespace jalon::projections::testing {
namespace {

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

std::vector<StoreKind> Stores() {
  return {StoreInMemory(),
          {"Rocks", []() -> std::unique_ptr<StoreFixture> { return std::make_unique<Rocks>(); }}};
}

}  // namespace jalon::projections::testing
