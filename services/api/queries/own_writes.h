// How far the log was when this node last told a caller that a command is accepted: a query that
// comes after is answered from views that reflect it (read your writes).
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "eventstore/base/ids.h"

namespace jalon::api {

// Thread safety: any thread.
class OwnWrites {
 public:
  explicit OwnWrites(uint32_t partition_count) : told_(partition_count) {}

  // Of an accepted command, before its answer leaves. REQUIRES: there is such a partition.
  void Note(Partition partition, Seq seq) {
    std::atomic<uint64_t>& told = told_[partition.value];
    uint64_t known = told.load(std::memory_order_relaxed);
    while (known < seq.value && !told.compare_exchange_weak(known, seq.value)) {
    }
  }
  // 0: none yet.
  Seq At(Partition partition) const { return Seq{told_[partition.value].load()}; }

 private:
  std::vector<std::atomic<uint64_t>> told_;  // by partition
};

}  // namespace jalon::api
