// Reads a whole log and checks what its entries say of one another: what 'jalon log verify' does.
//
// Thread safety: one call, one thread; the log may be written to meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/log/classify.h"
#include "eventstore/log/log.h"

namespace jalon::eventstore {

// Something that cannot be in a sound log.
struct Finding {
  Partition partition;
  Offset offset;
  std::string what;
};

struct PartitionReport {
  uint64_t entries = 0;
  uint64_t records = 0;   // counted ones, barriers included
  uint64_t barriers = 0;  // counted records without events
  uint64_t events = 0;
  uint64_t claims = 0;  // counted ones
  uint64_t voids = 0;
  ChainHead head;  // as of the last entry read
};

struct VerifyReport {
  std::vector<PartitionReport> partitions;
  std::vector<Finding> findings;  // the first ones, at most kFindingsMax
  uint64_t findings_total = 0;

  static constexpr size_t kFindingsMax = 100;
  bool Sound() const { return findings_total == 0; }
};

// Is told how many entries of how many were read; false cancels.
using VerifyProgress = std::function<bool(uint64_t done, uint64_t total)>;

// Reads every partition up to its head of now, and checks: each begins with its genesis, all of one
// birth; every entry can be read, none diverges or is too new; recorded_at never decreases; the
// versions of each aggregate and the indexes of each trail have no gap; limits are kept; a copy is
// whole. Where a partition diverges or cannot be read its check ends there.
// Fails only where the log cannot be read at all, or with CANCELLED. Memory: some 60 bytes for each
// aggregate and trail.
Result<VerifyReport> VerifyLog(Log& log, const VerifyProgress& progress = nullptr);

}  // namespace jalon::eventstore
