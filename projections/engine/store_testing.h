// The stores of views that the engine's tests run on.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "projections/engine/store.h"

namespace jalon::projections::testing {

class StoreFixture {
 public:
  virtual ~StoreFixture() = default;
  virtual ViewStore& store() = 0;
  // Ends and begins again, as a process does that is told to stop.
  virtual void Reopen() = 0;
};

struct StoreKind {
  std::string name;
  std::unique_ptr<StoreFixture> (*make)();
};
StoreKind StoreInMemory();
// Every kind; under the thread sanitizer, in which RocksDB cannot be run, the one in memory alone.
std::vector<StoreKind> Stores();
// What INSTANTIATE_TEST_SUITE_P calls the tests on a kind.
inline std::string StoreName(const ::testing::TestParamInfo<StoreKind>& info) {
  return info.param.name;
}

// A folder of its own for one test, removed with this object.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace jalon::projections::testing
