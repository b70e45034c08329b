// The birth of a log: what the first entry of each of its partitions says.
//
// Thread safety: any thread.
#pragma once

#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/log/log.h"
#include "jalon/log/v1/log.pb.h"

namespace jalon::eventstore {

struct Birth {
  Bytes cluster_id;              // 16 bytes
  Bytes log_incarnation;         // 16 bytes
  uint32_t partition_count = 0;  // over which tenants are spread
  bool virtual_clock = false;
  uint64_t began_at = 0;          // this life of the log, in seconds since the Unix epoch
  bool system_partition = false;  // one more, numbered partition_count

  // All of them.
  uint32_t Partitions() const { return partition_count + (system_partition ? 1 : 0); }
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

// Those of all its partitions, in order.
std::vector<log::v1::Genesis> GenesesOf(const Birth& birth);

// The genesis of a partition of a log that was restored into another life, which this genesis of it
// had before. It began later than that one, whatever the clock said.
log::v1::Genesis Restored(const log::v1::Genesis& genesis, const Life& life);

// The genesis of a partition of a copy of a log, whole, under another incarnation; in that log it
// has this genesis, and that much counted. It names the log, after those that it was a copy of.
struct Counted {
  Seq seq;               // of the last record
  Hash hash{};           // the chain value there
  uint64_t entries = 0;  // the genesis included
};
log::v1::Genesis Copied(const log::v1::Genesis& genesis, const Life& life, const Counted& counted);

// Whether it is the genesis of that partition of a log born so, restored, copied, or neither.
bool IsGenesisOf(const log::v1::Genesis& genesis, const Birth& birth, Partition partition);

// The genesis of a partition. DATA_LOSS LOG_CORRUPT if its first entry is none, or is that of
// another partition; NOT_FOUND LOG_NOT_BORN if it has no entry at all.
Result<log::v1::Genesis> ReadGenesis(Log& log, Partition partition);

// Whether anything beside the genesis and claims was ever written there. Reads up to the first
// record, which follows the first claim.
Result<bool> HasRecord(Log& log, Partition partition);

}  // namespace jalon::eventstore
