#include "eventstore/log/genesis.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "eventstore/log/classify.h"
#include "eventstore/log/partition.h"
#include "eventstore/log/record.h"

namespace jalon::eventstore {

uint64_t BeganNow(const Clock& clock) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(clock.Wall()).count());
}

Birth BirthOf(const log::v1::Genesis& genesis) {
  return {.cluster_id = genesis.cluster_id(),
          .log_incarnation = genesis.log_incarnation(),
          .partition_count = genesis.partition_count(),
          .virtual_clock = genesis.virtual_clock(),
          .began_at = genesis.began_at(),
          .system_partition = genesis.system_partition()};
}

log::v1::Genesis GenesisOf(const Birth& birth, Partition partition) {
  log::v1::Genesis genesis;
  genesis.set_cluster_id(birth.cluster_id);
  genesis.set_log_incarnation(birth.log_incarnation);
  genesis.set_partition(partition.value);
  genesis.set_partition_count(birth.partition_count);
  genesis.set_hash(std::string(kPartitionHash));
  genesis.set_virtual_clock(birth.virtual_clock);
  genesis.set_began_at(birth.began_at);
  genesis.set_system_partition(birth.system_partition);
  return genesis;
}

std::vector<log::v1::Genesis> GenesesOf(const Birth& birth) {
  std::vector<log::v1::Genesis> geneses;
  geneses.reserve(birth.Partitions());
  for (uint32_t p = 0; p < birth.Partitions(); ++p) {
    geneses.push_back(GenesisOf(birth, Partition{p}));
  }
  return geneses;
}

log::v1::Genesis Restored(const log::v1::Genesis& genesis, const Life& life) {
  log::v1::Genesis restored = genesis;
  restored.set_log_incarnation(life.log_incarnation);
  restored.set_began_at(std::max<uint64_t>(life.began_at, genesis.began_at() + 1));
  restored.clear_ancestors();  // how much of their positions a backup holds, nobody says
  if (genesis.origin().empty()) restored.set_origin(*EncodeGenesis(genesis));
  return restored;
}

log::v1::Genesis Copied(const log::v1::Genesis& genesis, const Life& life, const Counted& counted) {
  log::v1::Genesis copied = genesis;
  copied.set_log_incarnation(life.log_incarnation);
  copied.set_began_at(std::max<uint64_t>(life.began_at, genesis.began_at() + 1));
  if (genesis.origin().empty()) copied.set_origin(*EncodeGenesis(genesis));
  log::v1::Ancestor& source = *copied.add_ancestors();
  source.set_log_incarnation(genesis.log_incarnation());
  source.set_seq(counted.seq.value);
  source.set_hash(std::string(View(counted.hash)));
  source.set_entries(counted.entries);
  return copied;
}

bool IsGenesisOf(const log::v1::Genesis& genesis, const Birth& birth, Partition partition) {
  log::v1::Genesis wanted = GenesisOf(birth, partition);
  wanted.set_origin(genesis.origin());
  *wanted.mutable_ancestors() = genesis.ancestors();
  if (genesis.SerializeAsString() != wanted.SerializeAsString()) return false;
  if (genesis.origin().empty()) return genesis.ancestors().empty();
  // What the chain of hashes vouches for is the origin: the rest must be as there.
  log::v1::Entry origin;
  if (!origin.ParseFromString(genesis.origin()) || !origin.genesis().origin().empty()) return false;
  const Bytes first = origin.genesis().log_incarnation();
  wanted = GenesisOf(birth, partition);
  wanted.set_log_incarnation(first);
  wanted.set_began_at(origin.genesis().began_at());
  return origin.genesis().began_at() <= birth.began_at &&
         *EncodeGenesis(wanted) == genesis.origin() && first != birth.log_incarnation;
}

Result<log::v1::Genesis> ReadGenesis(Log& log, Partition partition) {
  JALON_ASSIGN_OR_RETURN(const auto entries, log.ReadFrom(partition, Offset{0}, {.entries = 1}));
  if (entries.empty()) {
    return Fail(Code::kNotFound, "LOG_NOT_BORN",
                fmt::format("partition {} is empty; create the log with 'jalon log init'",
                            partition.value));
  }
  log::v1::Entry entry;
  if (!entry.ParseFromString(*entries[0].bytes) || !entry.has_genesis() ||
      !IsGenesisOf(entry.genesis(), BirthOf(entry.genesis()), partition)) {
    return Fail(Code::kDataLoss, "LOG_CORRUPT",
                fmt::format("partition {} does not begin with its genesis; restore the log from a "
                            "backup",
                            partition.value));
  }
  return entry.genesis();
}

Result<bool> HasRecord(Log& log, Partition partition) {
  Offset next{1};
  while (true) {
    JALON_ASSIGN_OR_RETURN(const auto entries, log.ReadFrom(partition, next, {}));
    if (entries.empty()) return false;
    for (const StoredEntry& entry : entries) {
      JALON_ASSIGN_OR_RETURN(const EntryFrame frame, ReadFrame(*entry.bytes));
      if (frame.kind == EntryFrame::Kind::kRecord) return true;
    }
    next = entries.back().offset.Next();
  }
}

}  // namespace jalon::eventstore
