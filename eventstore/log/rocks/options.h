// How an embedded log runs, and what a test may change about it.
#pragma once

#include <cstdint>
#include <functional>

#include "eventstore/base/limits.h"

namespace rocksdb {
class Env;
}

namespace jalon::eventstore {

// Where the committer stands between two groups' steps: where a test kills it.
enum class CommitPoint { kTaken, kSynced, kWitnessed, kPublished };

// What a start does about a record of the WAL whose checksum is wrong.
enum class WalRecovery {
  kRefuse,      // and tolerates only a last record that is cut short, as a kill leaves it
  kUpToDamage,  // drops all from there on, as RocksDB does by default, and so of the MANIFEST where
                // nothing sound lies behind: for a repair
};

struct RocksLogOptions {
  uint64_t free_space_floor_bytes = limits::kFreeSpaceFloorBytes;
  size_t ring_entries_max = limits::kRingEntriesMax;
  size_t ring_bytes_max = limits::kRingBytesMax;
  // A table file of the log has about this size, and a restart replays at most twice as much.
  size_t memtable_bytes = 32 * 1024 * 1024;

  WalRecovery wal_recovery = WalRecovery::kRefuse;

  // For tests only.
  struct Testing {
    bool ignore_witness = false;             // a fault that the tests must notice
    bool sync = true;                        // as this one is, if false
    rocksdb::Env* env = nullptr;             // a disk that fails; outlives the log
    std::function<uint64_t()> free_bytes{};  // instead of what the file system says
    std::function<void(CommitPoint)> at{};   // called by the committing thread
  };
  Testing testing{};
};

}  // namespace jalon::eventstore
