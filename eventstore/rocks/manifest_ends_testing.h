// The end of a store's MANIFEST, damaged in many ways, and what its repair makes of that.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "eventstore/base/result.h"
#include "eventstore/rocks/store_tail.h"

namespace rocksdb {
class Env;
}

namespace jalon::eventstore::testing {

// A disk that keeps whatever RocksDB removes: as all of it is there until the record of the
// MANIFEST is synced that says it is not needed.
class KeepingDisk {
 public:
  KeepingDisk();
  ~KeepingDisk();
  rocksdb::Env* env() const { return env_.get(); }
  // The names of what is there for that reason alone.
  const std::set<std::string>& removed() const { return *removed_; }

 private:
  const std::shared_ptr<std::set<std::string>> removed_;
  const std::unique_ptr<rocksdb::Env> env_;
};

// A store's files by their names.
using StoreFiles = std::map<std::string, std::string>;
StoreFiles ReadStore(const std::string& folder);
StoreFiles Without(StoreFiles files, const std::set<std::string>& names);
// The MANIFEST that CURRENT names, and how long its last record is.
std::string& ManifestOf(StoreFiles& files);
uint64_t LastRecordBytes(const std::string& manifest);
// What a power cut left of a record that was to be appended: its head.
std::string TornRecord();

struct StoreInTest {
  std::string folder;
  std::function<Result<rocks::StoreTail>(bool dry_run)> repair;
  // Starts it. Empty: it holds whatever was synced; "refused"; or what it lacks.
  std::function<std::string()> open;
};

struct EndsFound {
  uint64_t repaired = 0, opened = 0, refused = 0;
  uint64_t behind = 0;  // refused, and sound records lie behind the damage
};

// Writes that store, and repairs it if it is not sound: then it holds whatever was synced. Or it is
// refused, by the repair and by a start, and the repair changed nothing.
void TryRepair(const StoreFiles& files, const StoreInTest& store, EndsFound* found);

// The same of ends of the MANIFEST: at each of its last `bytes` it is shortened, overwritten or
// zeroed from there on, or one bit is flipped there. Each `step`-th of all that is tried: with 3,
// every byte is. Leaves out what shows no damage: a MANIFEST that ends with a record.
EndsFound TryEnds(const StoreFiles& files, uint64_t bytes, uint64_t step, const StoreInTest& store);

}  // namespace jalon::eventstore::testing
