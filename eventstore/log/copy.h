// Makes one log a copy of another, whole, whatever the two are: what 'jalon log copy' does.
//
// Each counted entry is copied as it is, claims too, since the chain of hashes goes through them;
// what did not count is left behind, so that offsets may differ. Each genesis is written anew
// (genesis.h): it names the log that was copied and how far it reached, by which anyone can tell
// whether the copy is whole (ancestry.h). The copy goes on under the same epochs and numbers.
//
// Nobody may write to either log meanwhile. If the process dies, the target is a part of the copy,
// which CopyEntries completes.
//
// Thread safety: one call, one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "eventstore/base/result.h"
#include "eventstore/log/genesis.h"
#include "eventstore/log/log.h"
#include "eventstore/log/verify.h"

namespace jalon::eventstore {

// What the copy will be.
struct CopyPlan {
  std::vector<log::v1::Genesis> geneses;  // by partition
  std::vector<ChainHead> heads;           // of the source, by partition
  std::vector<Offset> ends;               // of the source: how many entries it has, void ones too
  uint64_t entries = 0;                   // of the copy, in all
  uint64_t events = 0;
  uint64_t voids = 0;  // left behind
};

// Reads all of the source. DATA_LOSS LOG_CORRUPT if it is not sound; CANCELLED.
Result<CopyPlan> PlanCopy(Log& source, const Life& life, const VerifyProgress& progress = nullptr);

// Appends what `target` lacks, and reads it back. REQUIRES: each partition of it has its genesis of
// the plan. FAILED_PRECONDITION LOG_CHANGED if the source is no longer as it was planned,
// LOG_EXISTS if the target holds anything else than the beginning of the copy; UNAVAILABLE
// LOG_UNREACHABLE if what was appended does not come back; CANCELLED, and what the logs say.
Result<void> CopyEntries(Log& source, Log& target, const CopyPlan& plan,
                         const VerifyProgress& progress = nullptr);

// Reads all of the copy. DATA_LOSS LOG_CORRUPT if it is not what the plan says.
Result<void> CheckCopy(Log& target, const CopyPlan& plan, const VerifyProgress& progress = nullptr);

}  // namespace jalon::eventstore
