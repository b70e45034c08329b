#include "eventstore/log/genesis.h"

#include <fmt/format.h>

#include "eventstore/log/partition.h"

namespace jalon::eventstore {

Birth BirthOf(const log::v1::Genesis& genesis) {
  return {.cluster_id = genesis.cluster_id(),
          .log_incarnation = genesis.log_incarnation(),
          .partition_count = genesis.partition_count(),
          .virtual_clock = genesis.virtual_clock()};
}

log::v1::Genesis GenesisOf(const Birth& birth, Partition partition) {
  log::v1::Genesis genesis;
  genesis.set_cluster_id(birth.cluster_id);
  genesis.set_log_incarnation(birth.log_incarnation);
  genesis.set_partition(partition.value);
  genesis.set_partition_count(birth.partition_count);
  genesis.set_hash(std::string(kPartitionHash));
  genesis.set_virtual_clock(birth.virtual_clock);
  return genesis;
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
      entry.genesis().partition() != partition.value || entry.genesis().hash() != kPartitionHash) {
    return Fail(Code::kDataLoss, "LOG_CORRUPT",
                fmt::format("partition {} does not begin with its genesis; restore the log from a "
                            "backup",
                            partition.value));
  }
  return entry.genesis();
}

}  // namespace jalon::eventstore
