// The life of a submission: decided, in flight, counted, answered; refused and held; repeated.
#include "eventstore/writer/writer.h"

#include "eventstore/base/limits.h"
#include "eventstore/writer/writer_testing.h"

namespace jalon::eventstore::testing {
namespace {

using Kind = Outcome::Kind;
using Phase = WriterStatus::Phase;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_F(WriterTest, ClaimsReadsItsClaimAndServes) {
  Start();
  EXPECT_EQ(writer_->Status().phase, Phase::kReplaying);
  Run();
  const WriterStatus status = writer_->Status();
  EXPECT_EQ(status.phase, Phase::kServing);
  EXPECT_EQ(status.claims, 1u);
  EXPECT_EQ(status.head.epoch, Epoch{1});
  EXPECT_EQ(status.head.seq, Seq{0});
  EXPECT_EQ(status.log_incarnation, TestBirth().log_incarnation);
}

TEST_F(WriterTest, AnswersAnAcceptanceWithItsPosition) {
  Start();
  const SentPtr first = Add("a", 5);
  const SentPtr second = Add("a", 6);
  Run();
  ASSERT_TRUE(first->answered() && second->answered());
  EXPECT_EQ(first->kind(), Kind::kAccepted);
  EXPECT_EQ(first->outcome->seq, Seq{1});
  EXPECT_EQ(first->outcome->reply, "5");
  EXPECT_FALSE(first->outcome->repeated);
  EXPECT_EQ(second->outcome->seq, Seq{2});
  EXPECT_EQ(second->outcome->reply, "11");  // decided on top of the first, in flight
  const auto records = Counted();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records.at(2).request_id(), second->request_id);
  EXPECT_EQ(Micros(records.at(2).recorded_at()), second->outcome->recorded_at);
  EXPECT_EQ(records.at(2).tenant(), kTenant);
  EXPECT_EQ(records.at(2).actor().person(), "person-8");
}

TEST_F(WriterTest, AnswersNothingBeforeItCounts) {
  Start();
  Run();
  log_.SetPlan({.delay_min = milliseconds(30), .delay_max = milliseconds(30)});
  const SentPtr accepted = Add("a", 5);
  const SentPtr refused = Add("a", 96);  // on top of the first: it may never have happened
  Run(milliseconds(20));
  EXPECT_FALSE(accepted->answered());
  EXPECT_FALSE(refused->answered());
  Run(milliseconds(200));
  EXPECT_EQ(accepted->kind(), Kind::kAccepted);
  ASSERT_TRUE(refused->answered());
  EXPECT_EQ(refused->kind(), Kind::kRefused);
  EXPECT_EQ(static_cast<const CounterRefusal&>(*refused->outcome->refusal).value, 5);
  EXPECT_EQ(refused->outcome->seq, Seq{1});
}

TEST_F(WriterTest, ARefusalAloneIsReleasedByABarrier) {
  Start();
  const SentPtr refused = Add("a", -1);
  Run();
  ASSERT_TRUE(refused->answered());
  EXPECT_EQ(refused->kind(), Kind::kRefused);
  EXPECT_EQ(writer_->Status().barriers, 1u);
  const auto records = Counted();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records.at(1).events_size(), 0);
  EXPECT_TRUE(records.at(1).request_id().empty());
}

TEST_F(WriterTest, AnExclusiveLogNeedsNoBarrier) {
  WriterOptions options = Options();
  options.exclusive_log = true;
  Start(options);
  Run();
  log_.SetPlan({.delay_min = milliseconds(30), .delay_max = milliseconds(30)});
  const SentPtr at_once = Add("a", -1);  // decided on what is durable
  const SentPtr accepted = Add("a", 1);
  const SentPtr held = Add("a", -2);  // decided on what is in flight
  Run();
  EXPECT_TRUE(at_once->answered());
  EXPECT_FALSE(accepted->answered());
  EXPECT_FALSE(held->answered());
  Run(milliseconds(100));
  EXPECT_EQ(accepted->kind(), Kind::kAccepted);
  EXPECT_EQ(held->kind(), Kind::kRefused);
  EXPECT_EQ(writer_->Status().barriers, 0u);
}

TEST_F(WriterTest, NothingToDoLeavesNoRecord) {
  WriterOptions options = Options();
  options.exclusive_log = true;
  Start(options);
  const SentPtr nothing = Add("a", 0);
  Run();
  ASSERT_TRUE(nothing->answered());
  EXPECT_EQ(nothing->kind(), Kind::kNothingToDo);
  EXPECT_EQ(nothing->outcome->reply, "0");
  EXPECT_TRUE(Counted().empty());
}

TEST_F(WriterTest, RecordedAtNeverDecreases) {
  Start();
  const SentPtr first = Add("a", 1);
  Run();
  clock_.Jump(-seconds(4));
  const SentPtr second = Add("a", 1);
  Run();
  EXPECT_EQ(second->outcome->recorded_at, first->outcome->recorded_at);
}

TEST_F(WriterTest, ASuspectClockDecidesNothing) {
  Start();
  Run();
  Add("a", 1);
  Run();
  clock_.Jump(-seconds(6));
  const SentPtr behind = Add("a", 1);
  Run();
  ASSERT_TRUE(behind->answered());
  EXPECT_EQ(behind->reason(), "CLOCK_SUSPECT");
  clock_.Jump(seconds(6));
  const SentPtr back = Add("a", 1);
  Run();
  EXPECT_EQ(back->kind(), Kind::kAccepted);
}

TEST_F(WriterTest, ABrokenRequestIdIsNotExecuted) {
  Start();
  Run();
  const Micros now = clock_.Wall();
  const SentPtr malformed = Send("0123456789abcdef", {{"a", 1}});
  const SentPtr old =
      Send(MakeRequestId(now - limits::kRequestIdWindow - seconds(1), 1), {{"a", 1}});
  const SentPtr ahead =
      Send(MakeRequestId(now + limits::kRequestIdAhead + seconds(1), 1), {{"a", 1}});
  Run();
  EXPECT_EQ(malformed->reason(), "REQUEST_ID_MALFORMED");
  EXPECT_EQ(old->reason(), "REQUEST_ID_EXPIRED");
  EXPECT_EQ(ahead->reason(), "REQUEST_ID_EXPIRED");
  EXPECT_TRUE(Counted().empty());
}

TEST_F(WriterTest, ARecordOverItsLimitIsRefusedWhole) {
  Start();
  Run();
  std::vector<CounterChange> changes;
  for (int i = 0; i < 20'000; ++i) changes.push_back({"counter-" + std::to_string(i), 1});
  const SentPtr large = Send(changes);
  changes.resize(10'000);
  const SentPtr small = Send(changes);
  Run();
  EXPECT_EQ(large->kind(), Kind::kFailed);
  EXPECT_EQ(large->reason(), "RECORD_TOO_LARGE");
  EXPECT_EQ(small->kind(), Kind::kAccepted);
}

TEST_F(WriterTest, AFullQueueRefusesAtOnce) {
  Start();
  for (size_t i = 0; i < limits::kQueuedCommandsMax; ++i) Add("a", 0);
  const Result<void> more = writer_->Submit(
      MakeSubmission(NewId(), {{"a", 1}}, [](Outcome) { ADD_FAILURE() << "never called"; }));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().reason, "QUEUE_FULL");
  Run();
  EXPECT_EQ(Add("a", 1)->answered(), false);
}

TEST_F(WriterTest, WakesOnTheFirstSubmissionAndOnTheLog) {
  Start();
  int wakes = 0;
  writer_->OnWork([&] { ++wakes; });
  Run();
  wakes = 0;
  Add("a", 1);
  Add("a", 1);
  EXPECT_EQ(wakes, 1);
  while (writer_->Step()) {
  }
  log_.Step();  // the records are there
  EXPECT_EQ(wakes, 2);
}

TEST_F(WriterTest, DrainAnswersWhatIsInFlightAndFlushes) {
  Start();
  Run();
  log_.SetPlan({.delay_min = milliseconds(30), .delay_max = milliseconds(30)});
  const SentPtr in_flight = Add("a", 1);
  Run();
  const SentPtr late = Add("a", 1);
  writer_->Drain();
  EXPECT_FALSE(writer_->Drained());  // the queue is not looked at yet
  Run();
  EXPECT_EQ(late->reason(), "NOT_SERVING");
  const auto refused = writer_->Submit(MakeSubmission(NewId(), {{"a", 1}}, nullptr));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "NOT_SERVING");
  EXPECT_FALSE(writer_->Drained());
  Run(milliseconds(100));
  EXPECT_EQ(in_flight->kind(), Kind::kAccepted);
  EXPECT_TRUE(writer_->Drained());
  EXPECT_EQ(store_.Checkpoint(kPartition)->value().head.seq, Seq{1});
}

// A claim that cannot be written must not keep the process.
TEST_F(WriterTest, DrainDoesNotWaitForeverForAClaim) {
  for (const FaultPlan& broken : {FaultPlan{.drop = 1.0}, FaultPlan{.refuse = 1.0}}) {
    log_.SetPlan({});
    Start();
    Run(seconds(2));
    log_.SetPlan({.drop = 1.0});
    const SentPtr lost = Add("a", 1);
    Run(seconds(6));  // a stall
    ASSERT_EQ(writer_->Status().phase, WriterStatus::Phase::kClaiming);
    log_.SetPlan(broken);
    writer_->Drain();
    Run(limits::kDrainClaimMax - seconds(1));
    EXPECT_FALSE(lost->answered());
    Run(seconds(2));
    ASSERT_TRUE(lost->answered());
    EXPECT_EQ(lost->reason(), "OUTCOME_UNKNOWN");
    EXPECT_TRUE(writer_->Drained());
  }
}

TEST_F(WriterTest, AWriterThatWasNeverSteppedDrains) {
  Start();
  const SentPtr queued = Add("a", 1);
  writer_->Drain();
  EXPECT_FALSE(writer_->Drained());
  writer_->Step();
  EXPECT_EQ(queued->reason(), "NOT_SERVING");
  EXPECT_TRUE(writer_->Drained());
}

TEST_F(WriterTest, DestructionAnswersEverything) {
  Start();
  Run();
  log_.SetPlan({.delay_min = seconds(1), .delay_max = seconds(1)});
  const SentPtr in_flight = Add("a", 1);
  const SentPtr refused = Add("a", -5);
  Run();
  const SentPtr queued = Add("a", 1);
  writer_.reset();
  EXPECT_EQ(in_flight->reason(), "OUTCOME_UNKNOWN");
  EXPECT_EQ(refused->reason(), "NOT_SERVING");
  EXPECT_EQ(queued->reason(), "NOT_SERVING");
}

TEST_F(WriterTest, AFullDiskGivesSequenceNumbersBack) {
  Start();
  Run();
  log_.SetPlan({.delay_min = milliseconds(10), .delay_max = milliseconds(10)});
  const SentPtr before = Add("a", 10);
  writer_->Step();
  log_.SetPlan({.refuse = 1.0});
  const SentPtr accepted = Add("a", 10);
  const SentPtr refused = Add("a", -15);
  const SentPtr low = Add("b", -1);
  writer_->Step();
  EXPECT_EQ(accepted->reason(), "DISK_FULL");
  EXPECT_EQ(low->reason(), "DISK_FULL");  // decided on top of what never was
  log_.SetPlan({});
  const SentPtr after = Add("a", 1);
  Run(milliseconds(100));
  EXPECT_EQ(before->outcome->reply, "10");
  EXPECT_EQ(after->outcome->reply, "11");
  EXPECT_EQ(after->outcome->seq, Seq{2});
  EXPECT_EQ(refused->reason(), "DISK_FULL");
  EXPECT_EQ(writer_->Status().claims, 1u);
}

}  // namespace
}  // namespace jalon::eventstore::testing
