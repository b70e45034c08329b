// What rests in the state store, and what a start makes of it.
#include "eventstore/base/limits.h"
#include "eventstore/writer/writer_testing.h"

namespace jalon::eventstore::testing {
namespace {

using Kind = Outcome::Kind;
using Phase = WriterStatus::Phase;
using std::chrono::seconds;

TEST_F(WriterTest, AStartFoldsWhatWasNotFlushed) {
  WriterOptions options = Options();
  options.flush_records = 4;
  Start(options);
  for (int i = 0; i < 10; ++i) {
    Add("a", 1);
    Settle();
  }
  EXPECT_EQ(writer_->Status().flushes, 2u);
  for (size_t kept : {2u, 1u, 0u}) {
    Crash(kept);
    Start(Options());
    const SentPtr next = Add("a", 1);
    Settle();
    EXPECT_EQ(next->outcome->reply, std::to_string(13 - kept));
  }
}

TEST_F(WriterTest, AnIdleWriterWithNothingNewDoesNotFlush) {
  Start();
  Run(seconds(30));
  EXPECT_EQ(writer_->Status().flushes, 0u);
  Add("a", 1);
  Run(seconds(30));
  EXPECT_EQ(writer_->Status().flushes, 1u);
}

TEST_F(WriterTest, ACheckpointBeyondTheLogsEndRefusesToStart) {
  Start();
  Add("a", 1);
  Run(limits::kStateFlushInterval + seconds(1));
  writer_.reset();
  log_.Truncate(kPartition, Offset{2}, MemoryLog::Notice::kTold);
  Start();
  Settle();
  EXPECT_EQ(writer_->Status().phase, Phase::kDiverged);
}

TEST_F(WriterTest, ACheckpointOfAnotherEntryRefusesToStart) {
  Start();
  Add("a", 1);
  Run(limits::kStateFlushInterval + seconds(1));
  ChainHead head = writer_->Status().head;
  writer_.reset();
  log_.Truncate(kPartition, Offset{2}, MemoryLog::Notice::kTold);
  head.seq = Seq{0};
  log_.Forge(kPartition, EncodeRecord(NextRecord(head)));
  Start();
  Settle();
  EXPECT_EQ(writer_->Status().phase, Phase::kDiverged);
}

TEST_F(WriterTest, StateOfAnotherLogRefusesToStart) {
  StateCheckpoint checkpoint;
  checkpoint.log_incarnation = "another-log-16by";
  ASSERT_TRUE(store_.Write(kPartition, {}, checkpoint));
  Start();
  Settle();
  EXPECT_EQ(writer_->Status().phase, Phase::kFailed);
  EXPECT_EQ(writer_->Status().error.reason, "LOG_IS_ANOTHER");
}

TEST_F(WriterTest, StateOfAnotherVersionIsRebuilt) {
  Start();
  Add("a", 5);
  Run(limits::kStateFlushInterval + seconds(1));
  writer_.reset();
  ASSERT_TRUE(
      store_.Write(kPartition, {{"rstray", "row"}}, store_.Checkpoint(kPartition)->value()));
  const CounterApplication newer(2);
  writer_ = std::make_unique<Writer>(Options(), log_, store_, newer, clock_, [] { return 7u; });
  const SentPtr next = Add("a", 1);
  Settle();
  EXPECT_EQ(next->outcome->reply, "6");
  writer_->Drain();
  Settle();
  EXPECT_EQ(store_.Checkpoint(kPartition)->value().version, 2u);
  for (const StoredRow& row : StoredRows()) EXPECT_NE(row.key, "rstray");
}

TEST_F(WriterTest, AFailingStoreStopsThePartitionAndAnswers) {
  Start();
  Add("a", 5);
  Settle();
  store_.FailWith({Code::kInternal, "INTERNAL", "the disk is gone", {}});
  const SentPtr sent = Add("b", 1);  // a row that is not in memory
  Settle();
  EXPECT_EQ(writer_->Status().phase, Phase::kFailed);
  EXPECT_EQ(sent->reason(), "INTERNAL");
}

// The same commands with a cache for everything and with one of about 100 rows: the same log, and
// in the end the same rows.
TEST_F(WriterTest, ASmallCacheAndManyRowsGiveEqualBytes) {
  constexpr int kCounters = 20'000;
  std::vector<StoredRow> rows[2];
  std::vector<std::string> logs[2];
  for (int run = 0; run < 2; ++run) {
    TestClock clock(kBirth);
    MemoryLog log(TestBirth());
    MemoryStateStore store;
    WriterOptions options = Options();
    if (run == 1) options.cached_row_bytes = 100 * 300;
    Writer writer(options, log, store, application_, clock, [] { return 7u; });
    std::mt19937_64 random(5);
    uint64_t answered = 0;
    for (uint64_t i = 0; i < 2 * kCounters; ++i) {
      const std::string key = std::to_string(random() % kCounters);
      const int64_t delta = static_cast<int64_t>(random() % 80) - 30;
      ASSERT_TRUE(writer.Submit(MakeSubmission(MakeRequestId(clock.Wall(), i), {{key, delta}},
                                               [&](const Outcome&) { ++answered; })));
      if (i % 16 == 0) writer.Step();
    }
    while (writer.Step()) {
    }
    EXPECT_EQ(answered, 2u * kCounters);
    EXPECT_GT(run == 1 ? writer.Status().flushes : 1000, 100u);
    writer.Drain();
    while (!writer.Drained()) writer.Step();
    rows[run] = store.Scan(kPartition, "a", "z", SIZE_MAX).value();
    for (const StoredEntry& entry : ReadAll(log, kPartition)) logs[run].push_back(*entry.bytes);
  }
  EXPECT_GT(rows[0].size(), 10'000u);
  EXPECT_EQ(rows[0], rows[1]);
  EXPECT_EQ(logs[0], logs[1]);
}

}  // namespace
}  // namespace jalon::eventstore::testing
