// The birth of a log: what the first entry of each of its partitions says.
//
// Thread safety: any thread.
#pragma once

#include "eventstore/base/clock.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/log/log.h"
#include "jalon/log/v1/log.pb.h"

namespace jalon::eventstore {

struct Birth {
  Bytes cluster_id;       // 16 bytes
  Bytes log_incarnation;  // 16 bytes
  uint32_t partition_count = 0;
  bool virtual_clock = false;
  uint64_t began_at = 0;  // this life of the log, in seconds since the Unix epoch
};

// A new life of a log.
struct Life {
  Bytes log_incarnation;  // 16 bytes
  uint64_t began_at = 0;  // seconds since the Unix epoch
};

// What a Birth or a Life says of one that begins now.
uint64_t BeganNow(const Clock& clock);

// The birth that a genesis tells of.
Birth BirthOf(const log::v1::Genesis& genesis);

// The genesis of one partition of a log born so.
log::v1::Genesis GenesisOf(const Birth& birth, Partition partition);

// The genesis of a partition of a log that was restored into another life, which this genesis of it
// had before. It began later than that one, whatever the clock said.
log::v1::Genesis Restored(const log::v1::Genesis& genesis, const Life& life);

// Whether it is the genesis of that partition of a log born so, restored or not.
bool IsGenesisOf(const log::v1::Genesis& genesis, const Birth& birth, Partition partition);

// The genesis of a partition. DATA_LOSS LOG_CORRUPT if its first entry is none, or is that of
// another partition; NOT_FOUND LOG_NOT_BORN if it has no entry at all.
Result<log::v1::Genesis> ReadGenesis(Log& log, Partition partition);

}  // namespace jalon::eventstore
