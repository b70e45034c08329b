// A store of views under test, in memory or at rest.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "projections/engine/memory_store.h"
#include "projections/engine/rocks_store.h"

namespace jalon::projections::testing {

class StoreFixture {
 public:
  virtual ~StoreFixture() = default;
  virtual ViewStore& store() = 0;
  // Ends and begins again, as a process does that is told to stop.
  virtual void Reopen() = 0;
};

std::unique_ptr<StoreFixture> MemoryFixture();
std::unique_ptr<StoreFixture> RocksFixture();

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
