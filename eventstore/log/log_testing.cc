#include "eventstore/log/log_testing.h"

#include <gtest/gtest.h>

#include "eventstore/log/partition.h"

namespace jalon::eventstore::testing {

log::v1::Genesis MakeGenesis(uint32_t partition, uint32_t partition_count) {
  log::v1::Genesis genesis;
  genesis.set_cluster_id("cluster-id-16byt");
  genesis.set_log_incarnation("incarnation-16by");
  genesis.set_partition(partition);
  genesis.set_partition_count(partition_count);
  genesis.set_hash(std::string(kPartitionHash));
  return genesis;
}

log::v1::Claim NextClaim(const ChainHead& head, std::string_view nonce) {
  log::v1::Claim claim;
  claim.set_level(1);
  claim.set_epoch(head.epoch.value + 1);
  claim.set_nonce(std::string(nonce));
  claim.set_node("node-a");
  claim.set_base_seq(head.seq.value);
  claim.set_base_hash(std::string(View(head.hash)));
  return claim;
}

log::v1::Record NextRecord(const ChainHead& head, std::string_view payload) {
  log::v1::Event event;
  event.set_tenant("tenant-of-16-byt");
  event.set_type(10);
  event.set_aggregate("a");
  event.set_version(head.seq.value + 1);
  event.set_payload(std::string(payload));
  log::v1::Record record;
  record.set_level(1);
  record.set_epoch(head.epoch.value);
  record.set_epoch_id(std::string(View(head.epoch_id)));
  record.set_seq(head.seq.value + 1);
  record.set_prev_hash(std::string(View(head.hash)));
  record.set_recorded_at(1'788'000'000'000'000);
  record.set_request_id("request-id-16byt");
  record.set_tenant("tenant-of-16-byt");
  record.add_events(event.SerializeAsString());
  return record;
}

Fate Feed(ChainHead& head, const Blob& entry, uint64_t offset) {
  const Result<EntryFrame> frame = ReadFrame(*entry);
  EXPECT_TRUE(frame) << (frame ? "" : frame.error().message);
  return frame ? Classify(head, Offset{offset}, *frame, *entry) : Fate::kDiverged;
}

ChainHead ClaimedHead() {
  ChainHead head;
  EXPECT_EQ(Feed(head, EncodeGenesis(MakeGenesis()), 0), Fate::kCounted);
  EXPECT_EQ(Feed(head, EncodeClaim(NextClaim(head)), 1), Fate::kCounted);
  return head;
}

}  // namespace jalon::eventstore::testing
