// Who writes, and how an owner that lost something, or the partition itself, finds out.
#include "eventstore/base/limits.h"
#include "eventstore/writer/writer_testing.h"

namespace jalon::eventstore::testing {
namespace {

using Kind = Outcome::Kind;
using Phase = WriterStatus::Phase;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_F(WriterTest, ALostRecordIsWrittenUnderANewClaim) {
  Start();
  Settle();
  log_.SetPlan({.drop = 1.0});
  const SentPtr lost = Add("a", 1);
  writer_->Step();
  log_.SetPlan({});
  const SentPtr after = Add("a", 10);  // arrives, after a gap
  Settle();
  const WriterStatus status = writer_->Status();
  EXPECT_EQ(status.gaps, 1u);
  EXPECT_EQ(status.claims, 2u);
  EXPECT_GT(status.void_entries, 0u);
  EXPECT_EQ(lost->outcome->seq, Seq{1});
  EXPECT_EQ(after->outcome->seq, Seq{2});
  EXPECT_EQ(after->outcome->reply, "11");
}

TEST_F(WriterTest, SilenceIsAStall) {
  Start();
  Settle();
  log_.SetPlan({.drop = 1.0});
  const SentPtr lost = Add("a", 1);
  const SentPtr refused = Add("a", -3);
  Run(seconds(4));
  log_.SetPlan({});
  EXPECT_FALSE(lost->answered());
  Run(seconds(2));
  EXPECT_EQ(writer_->Status().stalls, 1u);
  EXPECT_EQ(lost->kind(), Kind::kAccepted);
  EXPECT_EQ(refused->kind(), Kind::kRefused);
}

TEST_F(WriterTest, ARecordThatCountsDuringATakeoverIsAnsweredFromTheState) {
  Start();
  Settle();
  log_.SetPlan({.delay_min = seconds(6), .delay_max = seconds(6)});
  const SentPtr slow = Add("a", 1);
  const SentPtr repeat = Send(slow->request_id, {{"a", 1}});
  Run(milliseconds(5500));
  EXPECT_EQ(writer_->Status().phase, Phase::kClaiming);  // its claim waits behind the record
  Run(seconds(15));
  EXPECT_EQ(writer_->Status().phase, Phase::kServing);
  EXPECT_EQ(slow->outcome->seq, Seq{1});
  EXPECT_EQ(repeat->outcome->seq, Seq{1});
  EXPECT_EQ(Counted().size(), 1u);
}

TEST_F(WriterTest, ALostClaimIsAppendedAgain) {
  log_.SetPlan({.drop = 1.0});
  Start();
  Run(milliseconds(500));
  log_.SetPlan({.duplicate = 1.0});
  EXPECT_EQ(writer_->Status().phase, Phase::kClaiming);
  Run(seconds(1));
  EXPECT_EQ(writer_->Status().phase, Phase::kServing);
  EXPECT_EQ(writer_->Status().head.epoch, Epoch{1});  // the copy is void
}

TEST_F(WriterTest, AnothersClaimEndsOwnership) {
  Start();
  Settle();
  log_.SetPlan({.delay_min = milliseconds(100), .delay_max = milliseconds(100)});
  Writer& other = StartOther();
  Settle();
  const SentPtr late = Add("a", 1);  // handed over after the other's claim
  const SentPtr refused = Add("a", -1);
  writer_->Want(false);
  Run(milliseconds(300));
  EXPECT_EQ(other.Status().phase, Phase::kServing);
  EXPECT_EQ(writer_->Status().phase, Phase::kFollowing);
  for (const SentPtr& sent : {late, refused, Add("a", 1)}) {
    Settle();
    EXPECT_EQ(sent->reason(), "NOT_OWNER");
    EXPECT_EQ(sent->outcome->error.metadata.at("address"), "node-b.example:7000");
  }
  EXPECT_EQ(other.Status().void_entries, 2u);  // the zombie's record and its barrier
  const SentPtr retried = SendTo(other, late->request_id, {{"a", 1}});
  Run(milliseconds(300));
  EXPECT_EQ(retried->kind(), Kind::kAccepted);
  EXPECT_FALSE(retried->outcome->repeated);
}

TEST_F(WriterTest, AFollowerFoldsAndTakesOverWarm) {
  Start();
  Writer& other = StartOther();
  other.Want(false);
  Settle();
  const SentPtr first = Add("a", 1);
  Settle();
  EXPECT_EQ(other.Status().phase, Phase::kFollowing);
  EXPECT_EQ(other.Status().head, writer_->Status().head);
  writer_.reset();
  other.Want(true);
  Run(seconds(2));
  const SentPtr repeat = SendTo(other, first->request_id, {{"a", 1}});
  const SentPtr second = SendTo(other, NewId(), {{"a", 2}});
  Settle();
  EXPECT_TRUE(repeat->outcome->repeated);
  EXPECT_EQ(second->outcome->reply, "3");
}

TEST_F(WriterTest, TwoThatBothWantSettleDown) {
  Start();
  Writer& other = StartOther();
  Run(seconds(10));
  EXPECT_NE(writer_->Status().phase == Phase::kServing, other.Status().phase == Phase::kServing);
}

TEST_F(WriterTest, ACutThatIsToldStopsThePartition) {
  Start();
  const SentPtr acknowledged = Add("a", 1);
  Settle();
  log_.Truncate(kPartition, Offset{2}, MemoryLog::Notice::kTold);
  const SentPtr queued = Add("a", 1);
  Settle();
  EXPECT_EQ(writer_->Status().phase, Phase::kDiverged);
  EXPECT_EQ(writer_->Status().error.reason, "PARTITION_DIVERGED");
  EXPECT_EQ(queued->reason(), "PARTITION_DIVERGED");
  Settle();
  const SentPtr later = Add("a", 1);
  Settle();
  EXPECT_EQ(later->reason(), "PARTITION_DIVERGED");
  EXPECT_TRUE(writer_->Drained());
}

TEST_F(WriterTest, ASilentCutShowsAtTheNextTakeover) {
  Start();
  Add("a", 1);
  Add("a", 1);
  Settle();
  log_.Truncate(kPartition, Offset{2}, MemoryLog::Notice::kSilent);
  const SentPtr after = Add("a", 1);  // lands where the follower does not look any more
  Run(seconds(7));
  EXPECT_EQ(writer_->Status().phase, Phase::kDiverged);
  EXPECT_EQ(after->reason(), "OUTCOME_UNKNOWN");
}

TEST_F(WriterTest, SomeoneWritingInItsNameStopsThePartition) {
  Start();
  Settle();
  log_.Forge(kPartition, EncodeRecord(NextRecord(writer_->Status().head)));
  Settle();
  EXPECT_EQ(writer_->Status().phase, Phase::kDiverged);
}

TEST_F(WriterTest, ANewerLevelStopsThePartition) {
  Start();
  Settle();
  auto record = NextRecord(writer_->Status().head);
  record.set_level(limits::kLevel + 1);
  log_.Forge(kPartition, EncodeRecord(record));
  Settle();
  EXPECT_EQ(writer_->Status().phase, Phase::kTooNew);
}

TEST_F(WriterTest, AnUnknownEventStopsThePartition) {
  Start();
  Settle();
  ChainHead head = writer_->Status().head;
  const Blob claim = EncodeClaim(NextClaim(head));
  ASSERT_EQ(Feed(head, claim, head.offset.value + 1), Fate::kCounted);
  log_.Forge(kPartition, claim);
  log_.Forge(kPartition, EncodeRecord(NextRecord(head, "what is this")));
  Settle();
  EXPECT_EQ(writer_->Status().phase, Phase::kDiverged);
}

}  // namespace
}  // namespace jalon::eventstore::testing
