// How an embedded log runs, and what a test may change about it.
#pragma once

#include <cstdint>
#include <functional>

#include "eventstore/base/limits.h"

namespace jalon::eventstore {

// Where the committer stands between two groups' steps: where a test kills it.
enum class CommitPoint { kTaken, kSynced, kWitnessed, kPublished };

struct RocksLogOptions {
  uint64_t free_space_floor_bytes = limits::kFreeSpaceFloorBytes;
  size_t ring_entries_max = limits::kRingEntriesMax;
  size_t ring_bytes_max = limits::kRingBytesMax;
  // A table file of the log has about this size, and a restart replays at most twice as much.
  size_t memtable_bytes = 32 * 1024 * 1024;

  // For tests only. The first two are faults that the tests must notice.
  struct Testing {
    bool default_wal_recovery = false;       // RocksDB's own: drops what follows a damaged byte
    bool ignore_witness = false;             // and that no entry is missing
    std::function<uint64_t()> free_bytes{};  // instead of what the file system says
    std::function<void(CommitPoint)> at{};   // called by the committing thread
  };
  Testing testing{};
};

}  // namespace jalon::eventstore
