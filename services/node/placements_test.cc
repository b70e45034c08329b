#include "services/node/placements.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "eventstore/log/log_testing.h"
#include "eventstore/log/memory/memory_log.h"
#include "eventstore/log/record.h"
#include "jalon/event/v1/event_body.pb.h"
#include "services/domain/signed_claim.h"

namespace jalon::node {
namespace {

using eventstore::Blob;
using eventstore::ChainHead;
using eventstore::EncodeClaim;
using eventstore::EncodeRecord;

constexpr uint32_t kPartitions = 4;
constexpr Partition kSystem{kPartitions};
const Bytes kNorth(16, 'N');
const Bytes kSouth(16, 'S');

class PlacementsTest : public testing::Test {
 protected:
  PlacementsTest() {
    Count(eventstore::testing::ReadAll(log_, kSystem, Offset{0})[0].bytes);
    Append(EncodeClaim(eventstore::testing::NextClaim(head_)));
  }

  void Count(const Blob& entry) { eventstore::testing::Feed(head_, entry, offset_++); }
  void Append(const Blob& entry) {
    ASSERT_TRUE(log_.Append(kSystem, {entry}));
    Count(entry);
  }
  // The record that places the school there, next after all that counts.
  Blob Placing(const Bytes& school, uint32_t partition) const {
    event::v1::TenantPlaced placed;
    placed.set_partition(partition);
    log::v1::Event event;
    event.set_tenant(school);
    event.set_type(event::v1::EventBody::kTenantPlacedFieldNumber);
    event.set_payload(placed.SerializeAsString());
    log::v1::Record record = eventstore::testing::NextRecord(head_);
    record.set_tenant(school);
    record.set_events(0, event.SerializeAsString());
    return EncodeRecord(record);
  }
  // The record of that claim, next after all that counts.
  Blob Claiming(const event::v1::SignerClaimed& claim) const {
    log::v1::Event event;
    event.set_tenant(Bytes(16, '\0'));
    event.set_type(event::v1::EventBody::kSignerClaimedFieldNumber);
    event.set_payload(claim.SerializeAsString());
    log::v1::Record record = eventstore::testing::NextRecord(head_);
    record.set_tenant(Bytes(16, '\0'));
    record.set_events(0, event.SerializeAsString());
    return EncodeRecord(record);
  }
  // Signed for this deployment.
  static event::v1::SignerClaimed ClaimOf(char claimant, uint64_t epoch) {
    event::v1::SignerClaimed claim;
    claim.set_claimant(Bytes(16, claimant));
    claim.set_epoch(epoch);
    claim.set_generation(1);
    domain::SignClaim(trail::SignerKey("any", trail::KeyType::kLog, trail::Seed{1}),
                      eventstore::testing::TestBirthWithSystem(kPartitions).cluster_id, &claim);
    return claim;
  }
  bool Becomes(const Bytes& school, Partition partition) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (placements_.placement().PartitionOf(school) != partition) {
      if (std::chrono::steady_clock::now() > patience) return false;
      std::this_thread::yield();
    }
    return true;
  }

  eventstore::MemoryLog log_{eventstore::testing::TestBirthWithSystem(kPartitions)};
  ChainHead head_;
  uint64_t offset_ = 0;
  std::promise<Error> fault_;
  Placements placements_{eventstore::testing::TestBirthWithSystem(kPartitions), log_,
                         [this](const Error& error) { fault_.set_value(error); }};
};

TEST_F(PlacementsTest, WhatIsThereAtTheStartIsKnownThenAndWhatComesSoonAfter) {
  const Partition north{(placements_.placement().ByHash(kNorth).value + 1) % kPartitions};
  const Partition south{(placements_.placement().ByHash(kSouth).value + 1) % kPartitions};
  Append(Placing(kNorth, north.value));
  ASSERT_TRUE(placements_.Open());
  EXPECT_EQ(placements_.placement().System(), kSystem);
  EXPECT_EQ(placements_.placement().PartitionOf(kNorth), north);
  EXPECT_NE(placements_.placement().PartitionOf(kSouth), south);
  placements_.Start();
  Append(Placing(kSouth, south.value));
  EXPECT_TRUE(Becomes(kSouth, south));
}

// Two nodes may believe for a moment that the system partition is theirs.
TEST_F(PlacementsTest, WhatDoesNotCountPlacesNothing) {
  const Partition north{(placements_.placement().ByHash(kNorth).value + 1) % kPartitions};
  const Blob late = Placing(kNorth, north.value);
  Append(EncodeClaim(eventstore::testing::NextClaim(head_)));
  Append(late);
  ASSERT_TRUE(placements_.Open());
  EXPECT_EQ(placements_.placement().PartitionOf(kNorth), placements_.placement().ByHash(kNorth));
}

TEST_F(PlacementsTest, ADivergedSystemPartitionEndsTheServer) {
  ASSERT_TRUE(placements_.Open());
  placements_.Start();
  log::v1::Record other = eventstore::testing::NextRecord(head_);
  other.set_prev_hash(std::string(32, 'x'));
  log_.Forge(kSystem, EncodeRecord(other));
  auto fault = fault_.get_future();
  ASSERT_EQ(fault.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_EQ(fault.get().reason, "PARTITION_DIVERGED");
}

TEST_F(PlacementsTest, ClaimsCountInTheirOrder) {
  Append(Claiming(ClaimOf('a', 1)));
  Append(Claiming(ClaimOf('b', 2)));
  ASSERT_TRUE(placements_.Open());
  EXPECT_EQ(placements_.claims().Last()->claimant, Bytes(16, 'b'));
  EXPECT_EQ(placements_.claims().Last()->epoch, 2u);
}

TEST_F(PlacementsTest, AClaimThatItsKeyHasNotSignedIsNone) {
  event::v1::SignerClaimed forged = ClaimOf('a', 1);
  forged.set_claimant(Bytes(16, 'b'));
  Append(Claiming(forged));
  EXPECT_EQ(placements_.Open().error().reason, "PARTITION_DIVERGED");
  EXPECT_FALSE(placements_.claims().Last());
}

TEST_F(PlacementsTest, AClaimOutOfItsPlaceIsNone) {
  Append(Claiming(ClaimOf('a', 1)));
  Append(Claiming(ClaimOf('b', 1)));
  EXPECT_EQ(placements_.Open().error().reason, "PARTITION_DIVERGED");
  EXPECT_EQ(placements_.claims().Last()->claimant, Bytes(16, 'a'));
}

TEST(Placements, ALogWithoutASystemPartitionGoesByTheHash) {
  eventstore::MemoryLog log(eventstore::testing::TestBirth(kPartitions));
  Placements placements(eventstore::testing::TestBirth(kPartitions), log,
                        [](const Error& error) { ADD_FAILURE() << error.message; });
  ASSERT_TRUE(placements.Open());
  placements.Start();
  EXPECT_EQ(placements.placement().System(), std::nullopt);
  EXPECT_EQ(placements.placement().PartitionOf(kNorth), placements.placement().ByHash(kNorth));
}

}  // namespace
}  // namespace jalon::node
