// A disk that loses its power, fails to sync or fills up when a test says so. RocksDB's files go
// through it to real ones.
//
// It remembers of each file how much was synced, and of each folder which names were made, changed
// or removed since it was: a power cut takes that away again, as a disk may. What is written past
// RocksDB (a mapped witness, a key file) is not seen here.
//
// Thread safety: any thread; one operation at a time.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace jalon::faults {

// What a power cut does to bytes that were not synced.
enum class Loss {
  kAll,    // gone
  kTorn,   // a part of them is there
  kHoles,  // the file is as long as it was, but some sectors are zeros
};

// What went wrong, counted, so that a test can show that its fault bit.
struct FaultCounts {
  uint64_t bytes_lost = 0;    // or zeroed
  uint64_t names_undone = 0;  // files that were made, renamed or removed, and are not
  uint64_t failed = 0;        // operations that were refused: a sync, or a write without space
  uint64_t syncs_after = 0;   // of a file, after a sync of it had failed
};

struct FaultPlan {
  static constexpr uint64_t kNever = UINT64_MAX;

  uint64_t seed = 1;
  // The power goes before this operation, counted from 0, of those that change the disk.
  uint64_t cut_at = kNever;
  Loss loss = Loss::kAll;
  // This sync of a file whose name ends in `.log` fails, once; counted from 0.
  uint64_t fail_sync_at = kNever;
  // From this operation on nothing more can be written.
  uint64_t full_at = kNever;
  // Files below this folder whose name ends in `.log` are not synced where that is asked for: as if
  // nobody had. Empty: none.
  std::string never_synced{};
  // A sync takes up to so long, each another time: what does not wait for one gets ahead of it.
  std::chrono::microseconds sync_max{0};
  // Called once the power went, with the disk as it is now; the process must end there.
  std::function<void()> at_cut{};
};

class FaultyDisk {
 public:
  // `counts` must outlive it; may lie in memory that is shared with another process.
  FaultyDisk(FaultPlan plan, FaultCounts* counts);
  ~FaultyDisk();

  // For RocksDB; lives as long as this.
  rocksdb::Env* env() const { return env_.get(); }

  // A folder was synced and renamed past this disk.
  void Moved(const std::string& from, const std::string& to);
  // The power goes now.
  void Cut();

 private:
  class Files;
  std::shared_ptr<Files> files_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace jalon::faults
