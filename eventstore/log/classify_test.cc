#include "eventstore/log/classify.h"

#include <gtest/gtest.h>

#include "eventstore/base/limits.h"
#include "eventstore/log/log_testing.h"
#include "eventstore/log/record.h"

namespace jalon::eventstore {
namespace {

using testing::ClaimedHead;
using testing::Feed;
using testing::NextClaim;
using testing::NextRecord;
using testing::TestBirth;

// Anything but kCounted must leave the head as it was.
Fate FeedUnchanged(const ChainHead& head, const Blob& entry, uint64_t offset = 100) {
  ChainHead after = head;
  const Fate fate = Feed(after, entry, offset);
  EXPECT_EQ(after, head);
  return fate;
}

TEST(ClassifyGenesis, CountsAtOffsetZeroOnly) {
  const Blob genesis = EncodeGenesis(GenesisOf(TestBirth(), Partition{0}));
  ChainHead head;
  EXPECT_FALSE(IsBorn(head));
  ASSERT_EQ(Feed(head, genesis, 0), Fate::kCounted);
  EXPECT_TRUE(IsBorn(head));
  const ChainHead born{.epoch_id = Sha256(*genesis), .hash = Sha256(*genesis)};
  EXPECT_EQ(head, born);
  EXPECT_EQ(FeedUnchanged(head, genesis, 1), Fate::kVoid);
}

TEST(ClassifyGenesis, NothingElseCountsFirst) {
  const ChainHead unborn;
  EXPECT_EQ(FeedUnchanged(unborn, EncodeGenesis(GenesisOf(TestBirth(), Partition{0})), 1),
            Fate::kDiverged);
  EXPECT_EQ(FeedUnchanged(unborn, EncodeClaim(NextClaim(unborn)), 0), Fate::kDiverged);
  EXPECT_EQ(FeedUnchanged(unborn, EncodeRecord(NextRecord(unborn)), 0), Fate::kDiverged);
}

TEST(ClassifyClaim, RaisesTheEpochAndLeavesSeqUntouched) {
  ChainHead head = ClaimedHead();
  ASSERT_EQ(Feed(head, EncodeRecord(NextRecord(head)), 2), Fate::kCounted);
  const ChainHead before = head;
  const Blob claim = EncodeClaim(NextClaim(head));
  ASSERT_EQ(Feed(head, claim, 7), Fate::kCounted);
  EXPECT_EQ(head.epoch, before.epoch.Next());
  EXPECT_EQ(head.seq, before.seq);
  EXPECT_EQ(head.hash, Sha256({View(before.hash), *claim}));
  EXPECT_EQ(head.epoch_id, head.hash);
  EXPECT_EQ(head.offset.value, 7u);
}

TEST(ClassifyClaim, IsVoidIfTheEpochIsTaken) {
  ChainHead head = ClaimedHead();
  const Blob late = EncodeClaim(NextClaim(head, "the-one-too-late"));
  ASSERT_EQ(Feed(head, EncodeClaim(NextClaim(head)), 2), Fate::kCounted);
  EXPECT_EQ(FeedUnchanged(head, late), Fate::kVoid);
}

TEST(ClassifyClaim, IsVoidUnderThePartitionsLevel) {
  ChainHead head = ClaimedHead();
  log::v1::Record raise = NextRecord(head);
  raise.mutable_feature_level_raised()->set_level(2);
  ASSERT_EQ(Feed(head, EncodeRecord(raise), 2), Fate::kCounted);
  EXPECT_EQ(head.level, 2u);
  EXPECT_EQ(FeedUnchanged(head, EncodeClaim(NextClaim(head))), Fate::kVoid);
}

TEST(ClassifyClaim, DivergesBeyondTheNextEpoch) {
  const ChainHead head = ClaimedHead();
  log::v1::Claim claim = NextClaim(head);
  claim.set_epoch(head.epoch.value + 2);
  EXPECT_EQ(FeedUnchanged(head, EncodeClaim(claim)), Fate::kDiverged);
}

TEST(ClassifyClaim, DivergesIfItsNodeHadCountedOtherBytes) {
  const ChainHead head = ClaimedHead();
  log::v1::Claim claim = NextClaim(head);
  claim.set_base_hash(std::string(32, 'x'));
  EXPECT_EQ(FeedUnchanged(head, EncodeClaim(claim)), Fate::kDiverged);
}

TEST(ClassifyClaim, DivergesIfItsNodeHadCountedMore) {
  const ChainHead head = ClaimedHead();
  log::v1::Claim claim = NextClaim(head);
  claim.set_base_seq(head.seq.value + 1);
  EXPECT_EQ(FeedUnchanged(head, EncodeClaim(claim)), Fate::kDiverged);
}

TEST(ClassifyClaim, CountsIfItsNodeHadCountedLess) {
  ChainHead head = ClaimedHead();
  const Blob claim = EncodeClaim(NextClaim(head));
  ASSERT_EQ(Feed(head, EncodeRecord(NextRecord(head)), 2), Fate::kCounted);
  EXPECT_EQ(Feed(head, claim, 3), Fate::kCounted);
}

TEST(ClassifyRecord, CountsAndChains) {
  ChainHead head = ClaimedHead();
  const ChainHead before = head;
  const Blob first = EncodeRecord(NextRecord(head, "one"));
  ASSERT_EQ(Feed(head, first, 2), Fate::kCounted);
  EXPECT_EQ(head.seq, before.seq.Next());
  EXPECT_EQ(head.hash, Sha256(*first));
  EXPECT_EQ(head.epoch_id, before.epoch_id);
  EXPECT_EQ(Feed(head, EncodeRecord(NextRecord(head, "two")), 3), Fate::kCounted);
  EXPECT_EQ(head.seq.value, 2u);
}

TEST(ClassifyRecord, OfAFormerOwnerIsVoid) {
  ChainHead head = ClaimedHead();
  const Blob zombie = EncodeRecord(NextRecord(head));
  ASSERT_EQ(Feed(head, EncodeClaim(NextClaim(head)), 2), Fate::kCounted);
  EXPECT_EQ(FeedUnchanged(head, zombie), Fate::kVoid);
}

TEST(ClassifyRecord, OfAnUnseenEpochDiverges) {
  const ChainHead head = ClaimedHead();
  log::v1::Record record = NextRecord(head);
  record.set_epoch(head.epoch.value + 1);
  EXPECT_EQ(FeedUnchanged(head, EncodeRecord(record)), Fate::kDiverged);
}

TEST(ClassifyRecord, OfAnotherClaimOfTheSameEpochDiverges) {
  const ChainHead head = ClaimedHead();
  log::v1::Record record = NextRecord(head);
  record.set_epoch_id(std::string(32, 'x'));
  EXPECT_EQ(FeedUnchanged(head, EncodeRecord(record)), Fate::kDiverged);
}

TEST(ClassifyRecord, CopiesAndThoseAfterAGapAreVoid) {
  ChainHead head = ClaimedHead();
  const Blob first = EncodeRecord(NextRecord(head, "one"));
  ChainHead ahead = head;
  ASSERT_EQ(Feed(ahead, first, 2), Fate::kCounted);
  const Blob second = EncodeRecord(NextRecord(ahead, "two"));
  EXPECT_EQ(FeedUnchanged(head, second), Fate::kVoid);  // the first one is missing
  // A gap does not poison the epoch: what was missing counts, then its successor, sent again.
  EXPECT_EQ(Feed(head, first, 3), Fate::kCounted);
  EXPECT_EQ(FeedUnchanged(head, first), Fate::kVoid);
  EXPECT_EQ(Feed(head, second, 4), Fate::kCounted);
}

TEST(ClassifyRecord, OfAnotherPastDiverges) {
  const ChainHead head = ClaimedHead();
  log::v1::Record record = NextRecord(head);
  record.set_prev_hash(std::string(32, 'x'));
  EXPECT_EQ(FeedUnchanged(head, EncodeRecord(record)), Fate::kDiverged);
}

TEST(ClassifyLevel, NewerEntriesStopAnOlderBinary) {
  const ChainHead head = ClaimedHead();
  log::v1::Record record = NextRecord(head);
  record.set_level(limits::kLevel + 1);
  record.set_epoch(0);  // even where it would be void: an older binary cannot know
  EXPECT_EQ(FeedUnchanged(head, EncodeRecord(record)), Fate::kTooNew);
  log::v1::Claim claim = NextClaim(head);
  claim.set_level(limits::kLevel + 1);
  EXPECT_EQ(FeedUnchanged(head, EncodeClaim(claim)), Fate::kTooNew);
}

TEST(ClassifyLevel, BarriersAndRaisesOfThisLevelCount) {
  ChainHead head = ClaimedHead();
  log::v1::Record barrier = NextRecord(head);
  barrier.clear_events();
  ASSERT_EQ(Feed(head, EncodeRecord(barrier), 2), Fate::kCounted);
  log::v1::Record raise = NextRecord(head);
  raise.mutable_feature_level_raised()->set_level(1);
  ASSERT_EQ(Feed(head, EncodeRecord(raise), 3), Fate::kCounted);
  EXPECT_EQ(head.level, 1u);
}

}  // namespace
}  // namespace jalon::eventstore
