// A request id is executed once: repeats join, are answered again, or are refused.
#include "eventstore/base/limits.h"
#include "eventstore/writer/writer_testing.h"

namespace jalon::eventstore::testing {
namespace {

using Kind = Outcome::Kind;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_F(WriterTest, ARepeatInFlightJoins) {
  Start();
  const std::string id = NewId();
  const SentPtr first = Send(id, {{"a", 1}});
  const SentPtr second = Send(id, {{"a", 1}});
  Settle();
  EXPECT_EQ(first->outcome->seq, Seq{1});
  EXPECT_FALSE(first->outcome->repeated);
  EXPECT_EQ(second->outcome->seq, Seq{1});
  EXPECT_TRUE(second->outcome->repeated);
  EXPECT_EQ(Counted().size(), 1u);
}

TEST_F(WriterTest, ARepeatOfACountedRequestGetsTheFirstAnswer) {
  Start();
  const SentPtr first = Add("a", 1);
  Add("a", 7);
  Settle();
  const SentPtr repeat = Send(first->request_id, {{"a", 1}});
  Settle();
  EXPECT_EQ(repeat->kind(), Kind::kAccepted);
  EXPECT_EQ(repeat->outcome->seq, first->outcome->seq);
  EXPECT_EQ(repeat->outcome->recorded_at, first->outcome->recorded_at);
  EXPECT_EQ(repeat->outcome->reply, "1");
  EXPECT_TRUE(repeat->outcome->repeated);
  EXPECT_EQ(writer_->Status().repeats, 1u);
}

TEST_F(WriterTest, ARepeatIsKnownAfterAFlushAndARestart) {
  WriterOptions options = Options();
  options.flush_interval = seconds(1);
  Start(options);
  const SentPtr flushed = Add("a", 1);
  Run(seconds(2));
  ASSERT_EQ(writer_->Status().flushes, 1u);
  const SentPtr unflushed = Add("a", 1);
  Settle();
  for (int i = 0; i < 2; ++i) {
    for (const SentPtr& first : {flushed, unflushed}) {
      const SentPtr repeat = Send(first->request_id, {{"a", 1}});
      Settle();
      EXPECT_EQ(repeat->outcome->seq, first->outcome->seq);
      EXPECT_TRUE(repeat->outcome->repeated);
    }
    store_.Persist();
    Crash();
    Start(options);
    Settle();
  }
}

TEST_F(WriterTest, TheSameIdWithAnotherBodyIsRefused) {
  Start();
  Settle();
  log_.SetPlan({.delay_min = milliseconds(10), .delay_max = milliseconds(10)});
  const SentPtr first = Add("a", 1);
  const SentPtr in_flight = Send(first->request_id, {{"a", 2}});
  Settle();
  EXPECT_FALSE(in_flight->answered());  // the first may never count
  Run(milliseconds(50));
  const SentPtr counted = Send(first->request_id, {{"b", 1}});
  Settle();
  EXPECT_EQ(in_flight->reason(), "REQUEST_ID_REUSED");
  EXPECT_EQ(counted->reason(), "REQUEST_ID_REUSED");
}

TEST_F(WriterTest, TheSameIdOfAnotherTenantIsAnother) {
  Start();
  const SentPtr first = Add("a", 1);
  std::optional<Outcome> outcome;
  Submission other = MakeSubmission(first->request_id, {{"a", 1}},
                                    [&](Outcome result) { outcome = std::move(result); });
  other.tenant = "another-tenant16";
  ASSERT_TRUE(writer_->Submit(std::move(other)));
  Settle();
  EXPECT_EQ(outcome->seq, Seq{2});
}

TEST_F(WriterTest, ARefusedIdIsDecidedAnew) {
  Start();
  const SentPtr refused = Add("a", -1);
  Settle();
  EXPECT_EQ(refused->kind(), Kind::kRefused);
  Add("a", 3);
  const SentPtr again = Send(refused->request_id, {{"a", -1}});
  Settle();
  EXPECT_EQ(again->kind(), Kind::kAccepted);
  EXPECT_EQ(again->outcome->reply, "2");
}

TEST_F(WriterTest, OldRequestsArePrunedByTheLogsTime) {
  WriterOptions options = Options();
  options.flush_interval = seconds(1);
  Start(options);
  const SentPtr old = Add("a", 1);
  Run(seconds(2));
  EXPECT_EQ(StoredRows().size(), 2u);  // the row and the request
  clock_.Advance(limits::kRequestIdWindow + hours(1));
  Run(seconds(2));
  EXPECT_EQ(StoredRows().size(), 2u);  // nothing was recorded since: the log's time stands
  const SentPtr young = Add("a", 1);
  Run(seconds(2));
  const auto rows = StoredRows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].key.substr(1, 16), young->request_id);
  const SentPtr repeat = Send(old->request_id, {{"a", 1}});
  Settle();
  EXPECT_EQ(repeat->reason(), "REQUEST_ID_EXPIRED");
}

TEST_F(WriterTest, AReplayOfManyDaysKeepsOnlyTheWindow) {
  Start();
  for (int day = 0; day < 20; ++day) {
    Add("a", 1);
    Settle();
    clock_.Advance(hours(24));
  }
  Crash();
  Start();
  Settle();
  writer_->Drain();
  Settle();
  ASSERT_TRUE(writer_->Drained());
  EXPECT_EQ(StoredRows().size(), 1u + 8u);  // seven days back to the last record, both ends in
}

}  // namespace
}  // namespace jalon::eventstore::testing
