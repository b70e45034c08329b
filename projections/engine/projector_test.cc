#include "projections/engine/projector.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <string>

#include "eventstore/base/wire.h"
#include "eventstore/log/log_testing.h"
#include "projections/engine/dump.h"
#include "projections/engine/engine_testing.h"
#include "projections/engine/memory_store.h"
#include "projections/engine/store_testing.h"

namespace jalon::projections {
namespace {

using eventstore::MemoryLog;
using testing::kAdd;
using testing::kTenant;
using testing::LogWriter;
using testing::MakeEvent;

constexpr uint32_t kPartitions = 3;

class ProjectorTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  ViewStore& store() { return fixture_->store(); }

  // The process begins; a start that is refused is a test failure.
  Projector& Start(ProjectorOptions options = {}) {
    options.partitions = testing::Partitions(kPartitions);
    projector_ = std::make_unique<Projector>(options, log_, store(), *views_);
    const Result<void> opened = projector_->Open();
    EXPECT_TRUE(opened) << opened.error().message;
    return *projector_;
  }
  // The process ends in good order.
  void Stop() {
    projector_.reset();
    fixture_->Reopen();
  }
  Result<void> OpenAgain() {
    Stop();
    projector_ = std::make_unique<Projector>(
        ProjectorOptions{.partitions = testing::Partitions(kPartitions)}, log_, store(), *views_);
    return projector_->Open();
  }
  std::string AllRows() { return testing::AllRows(*projector_, *views_, kPartitions); }
  // What a projector over an empty store comes to.
  std::string Refolded() {
    MemoryViewStore empty;
    Projector projector({.partitions = testing::Partitions(kPartitions)}, log_, empty, *views_);
    EXPECT_TRUE(projector.Open());
    testing::StepToEnd(projector);
    return testing::AllRows(projector, *views_, kPartitions);
  }
  uint64_t Sum(uint32_t partition, std::string_view name) {
    const auto read = projector_->publication().Read(Partition{partition}, Bytes(kTenant));
    EXPECT_TRUE(read) << read.error().message;
    const auto row = read->Get("tally", "t" + std::string(name));
    if (!row || !*row) return 0;
    ArchiveReader reader(**row);
    uint64_t count = 0;
    uint64_t sum = 0;
    reader(count, sum);
    return sum;
  }

  MemoryLog log_{eventstore::testing::TestBirth(kPartitions)};
  LogWriter writer_{log_};
  std::unique_ptr<const ViewSet> views_ = testing::MakeTestViews();
  std::unique_ptr<testing::StoreFixture> fixture_ = GetParam().make();
  std::unique_ptr<Projector> projector_;
};

TEST_P(ProjectorTest, FoldsWhatCountsOnceAndNothingElse) {
  writer_.Record(Partition{1}, {MakeEvent(kAdd, "a", 5), MakeEvent(kAdd, "b", 7)});
  writer_.Copy(Partition{1});
  writer_.Record(Partition{1}, {MakeEvent(kAdd, "a", 10)});
  writer_.Claim(Partition{1});
  writer_.Zombie(Partition{1});
  writer_.Record(Partition{1}, {});
  writer_.Record(Partition{1}, {MakeEvent(kAdd, "a", 100), MakeEvent(testing::kIgnored, "a", 1)});
  writer_.Record(Partition{2}, {MakeEvent(kAdd, "a", 1000)});
  testing::StepToEnd(Start());
  ASSERT_TRUE(projector_->Serving());
  EXPECT_EQ(Sum(1, "a"), 115u);
  EXPECT_EQ(Sum(1, "b"), 7u);
  EXPECT_EQ(Sum(1, "zombie"), 0u);
  EXPECT_EQ(Sum(2, "a"), 1000u);
  const auto read = projector_->publication().Read(Partition{1}, Bytes(kTenant));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->as_of().seq, Seq{4});
  EXPECT_EQ(read->as_of().log_incarnation,
            eventstore::testing::TestBirth(kPartitions).log_incarnation);
  EXPECT_NE(read->as_of().recorded_at, 0);
}

TEST_P(ProjectorTest, GoesOnWhereItStoppedWhateverTheCache) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    std::mt19937_64 random(seed);
    ProjectorOptions options;
    options.cached_row_bytes = seed % 2 == 0 ? 2000 : 64 << 20;
    for (int round = 0; round < 4; ++round) {
      testing::AppendRandom(writer_, random, kPartitions, 100);
      testing::StepToEnd(Start(options));
      testing::AppendRandom(writer_, random, kPartitions, 30);
      testing::StepToEnd(*projector_);
      ASSERT_EQ(AllRows(), Refolded()) << "seed " << seed;
      Stop();
    }
  }
}

TEST_P(ProjectorTest, AnAnswerStandsAtOnePosition) {
  writer_.Record(Partition{0}, {MakeEvent(kAdd, "a", 1)});
  testing::StepToEnd(Start());
  const auto before = projector_->publication().Read(Partition{0}, Bytes(kTenant));
  ASSERT_TRUE(before);
  const auto old_row = before->Get("tally", "ta");
  writer_.Record(Partition{0}, {MakeEvent(kAdd, "a", 2)});
  testing::StepToEnd(*projector_);
  const auto after = projector_->publication().Read(Partition{0}, Bytes(kTenant));
  ASSERT_TRUE(after);
  EXPECT_EQ(before->as_of().seq, Seq{1});
  EXPECT_EQ(after->as_of().seq, Seq{2});
  EXPECT_EQ(before->Get("tally", "ta"), old_row);
  EXPECT_NE(after->Get("tally", "ta"), old_row);
}

TEST_P(ProjectorTest, ATenantSeesItsOwnRowsOnly) {
  writer_.Record(Partition{0},
                 {MakeEvent(kAdd, "a", 1), MakeEvent(kAdd, "b", 2, "another-16-bytes"),
                  MakeEvent(kAdd, "c", 3)});
  testing::StepToEnd(Start());
  const auto read = projector_->publication().Read(Partition{0}, Bytes(kTenant));
  ASSERT_TRUE(read);
  std::string keys;
  ASSERT_TRUE(read->Scan("tally", "", "", [&](std::string_view key, std::string_view) {
    keys += std::string(key) + ' ';
    return true;
  }));
  EXPECT_EQ(keys, "ta tc ");
  keys.clear();
  ASSERT_TRUE(read->Scan("tally", "t", "ta", [&](std::string_view key, std::string_view) {
    keys += std::string(key) + ' ';
    return true;
  }));
  EXPECT_EQ(keys, "tc ") << "a page goes on after its last row";
  EXPECT_EQ(*read->Get("tally", "tb"), std::nullopt);
}

TEST_P(ProjectorTest, RefusesACheckpointBeyondTheLog) {
  writer_.Record(Partition{0}, {MakeEvent(kAdd, "a", 1)});
  writer_.Record(Partition{0}, {MakeEvent(kAdd, "a", 2)});
  testing::StepToEnd(Start());
  log_.Truncate(Partition{0}, Offset{3}, MemoryLog::Notice::kSilent);
  const Result<void> opened = OpenAgain();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, "PARTITION_DIVERGED");
}

TEST_P(ProjectorTest, RefusesACheckpointOfAnotherHistory) {
  writer_.Record(Partition{0}, {MakeEvent(kAdd, "a", 1)});
  const auto before = writer_.head(Partition{0});
  writer_.Record(Partition{0}, {MakeEvent(kAdd, "a", 2)});
  testing::StepToEnd(Start());
  Stop();
  log_.Truncate(Partition{0}, Offset{3}, MemoryLog::Notice::kSilent);
  log_.Forge(Partition{0}, eventstore::EncodeRecord(eventstore::testing::NextRecord(before)));
  const Result<void> opened = OpenAgain();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kDataLoss);
  EXPECT_EQ(opened.error().reason, "PARTITION_DIVERGED");
}

TEST_P(ProjectorTest, StopsAPartitionThatDivergesAndNoOther) {
  writer_.Record(Partition{0}, {MakeEvent(kAdd, "a", 1)});
  writer_.Record(Partition{1}, {MakeEvent(kAdd, "a", 1)});
  testing::StepToEnd(Start());
  auto forged = eventstore::testing::NextRecord(writer_.head(Partition{0}));
  forged.set_prev_hash(std::string(32, 'x'));
  log_.Forge(Partition{0}, eventstore::EncodeRecord(forged));
  writer_.Record(Partition{1}, {MakeEvent(kAdd, "a", 2)});
  testing::StepToEnd(*projector_);
  const auto stopped = projector_->publication().Read(Partition{0}, Bytes(kTenant));
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().reason, "PARTITION_DIVERGED");
  EXPECT_FALSE(projector_->Serving());
  EXPECT_EQ(Sum(1, "a"), 3u);
}

TEST_P(ProjectorTest, StopsAPartitionWhoseLogIsCutBehindIt) {
  writer_.Record(Partition{0}, {MakeEvent(kAdd, "a", 1)});
  writer_.Record(Partition{1}, {MakeEvent(kAdd, "a", 1)});
  testing::StepToEnd(Start());
  log_.Truncate(Partition{0}, Offset{2}, MemoryLog::Notice::kTold);
  writer_.Record(Partition{1}, {MakeEvent(kAdd, "a", 2)});
  testing::StepToEnd(*projector_);
  EXPECT_FALSE(projector_->publication().Read(Partition{0}, Bytes(kTenant)));
  EXPECT_EQ(Sum(1, "a"), 3u);
}

TEST_P(ProjectorTest, StopsAtAnEventItDoesNotKnow) {
  writer_.Record(Partition{0}, {MakeEvent(kAdd, "a", 1)});
  testing::StepToEnd(Start());
  writer_.Record(Partition{0}, {MakeEvent(999, "a", 1)});
  testing::StepToEnd(*projector_);
  EXPECT_FALSE(projector_->publication().Read(Partition{0}, Bytes(kTenant)));
}

TEST_P(ProjectorTest, ServesNothingUntilItReachesTheHeadOfTheStart) {
  for (int i = 0; i < 5; ++i) writer_.Record(Partition{0}, {MakeEvent(kAdd, "a", 1)});
  writer_.Copy(Partition{0});  // the head counts void entries too
  Start();
  EXPECT_FALSE(projector_->Serving());
  const auto read = projector_->publication().Read(Partition{0}, Bytes(kTenant));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, "NOT_SERVING");
  testing::StepToEnd(*projector_);
  EXPECT_TRUE(projector_->Serving());
}

TEST_P(ProjectorTest, AwaitAnswersAtThePositionOrAtTheDeadline) {
  const Bytes incarnation = eventstore::testing::TestBirth(kPartitions).log_incarnation;
  writer_.Record(Partition{0}, {MakeEvent(kAdd, "a", 1)});
  testing::StepToEnd(Start());
  Publication& publication = projector_->publication();
  std::map<std::string, std::string> answers;
  const auto note = [&](const std::string& name) {
    return [&answers, name](const Result<void>& result) {
      answers[name] = result ? "OK" : result.error().reason;
    };
  };
  const Micros far = std::chrono::hours{1000};
  publication.Await(Partition{0}, incarnation, Seq{1}, far, note("there"));
  publication.Await(Partition{0}, "another-incarnat", Seq{1}, far, note("elsewhere"));
  EXPECT_EQ(answers["there"], "OK");
  EXPECT_EQ(answers["elsewhere"], "POSITION_FROM_ANOTHER_LOG");
  publication.Await(Partition{0}, incarnation, Seq{2}, far, note("next"));
  publication.Await(Partition{0}, incarnation, Seq{9}, Micros{5}, note("late"));
  publication.Await(Partition{0}, incarnation, Seq{9}, far, note("never"));
  EXPECT_FALSE(answers.contains("next"));
  writer_.Record(Partition{0}, {MakeEvent(kAdd, "a", 1)});
  testing::StepToEnd(*projector_);
  EXPECT_EQ(answers["next"], "OK");
  EXPECT_EQ(answers["late"], "VIEW_BEHIND");
  EXPECT_FALSE(answers.contains("never"));
  projector_.reset();
  EXPECT_EQ(answers["never"], "NOT_SERVING");
}

TEST_P(ProjectorTest, AnotherVersionOfAViewIsFoldedAnewBesideTheOthers) {
  std::mt19937_64 random(3);
  testing::AppendRandom(writer_, random, kPartitions, 200);
  testing::StepToEnd(Start());
  const std::string former = AllRows();
  Stop();
  views_ = testing::MakeTestViews(2, 3);
  testing::AppendRandom(writer_, random, kPartitions, 50);
  Start();
  EXPECT_FALSE(projector_->Serving());
  testing::StepToEnd(*projector_);
  ASSERT_TRUE(projector_->Serving());
  EXPECT_EQ(AllRows(), Refolded());
  EXPECT_NE(AllRows(), former);
  projector_.reset();
  fixture_->Reopen();
  ASSERT_TRUE(store().Collect());
  Start();
  testing::StepToEnd(*projector_);
  EXPECT_EQ(AllRows(), Refolded());
}

TEST_P(ProjectorTest, AViewThatIsMissingOverALongLogIsLeftToARebuild) {
  for (int i = 0; i < 20; ++i) writer_.Record(Partition{0}, {MakeEvent(kAdd, "a", 1)});
  ProjectorOptions options;
  options.fold_entries_max = 10;
  testing::StepToEnd(Start(options));
  EXPECT_FALSE(projector_->Serving());
  const auto missing = projector_->Missing();
  ASSERT_EQ(missing.size(), 2u);
  EXPECT_EQ(missing[0].partition, Partition{0});
}

TEST_P(ProjectorTest, ADigestTellsRowsApart) {
  writer_.Record(Partition{0}, {MakeEvent(kAdd, "a", 1)});
  testing::StepToEnd(Start());
  const auto first = DigestView(projector_->publication(), Partition{0}, "tally");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->rows, 1u);
  EXPECT_EQ(first->as_of.seq, Seq{1});
  writer_.Record(Partition{0}, {MakeEvent(testing::kIgnored, "a", 1)});
  testing::StepToEnd(*projector_);
  const auto same = DigestView(projector_->publication(), Partition{0}, "tally");
  EXPECT_EQ(same->hash, first->hash);
  EXPECT_EQ(same->as_of.seq, Seq{2});
  writer_.Record(Partition{0}, {MakeEvent(kAdd, "a", 1)});
  testing::StepToEnd(*projector_);
  EXPECT_NE(DigestView(projector_->publication(), Partition{0}, "tally")->hash, first->hash);
}

INSTANTIATE_TEST_SUITE_P(Stores, ProjectorTest, ::testing::ValuesIn(testing::Stores()),
                         testing::StoreName);

// The process dies at any point: whatever batches were written since the last flush, any first part
// of them survives, and the next start comes to the same rows.
TEST(ProjectorCrash, AnyPrefixOfTheBatchesIsEnough) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    std::mt19937_64 random(seed);
    MemoryLog log(eventstore::testing::TestBirth(kPartitions));
    LogWriter writer(log);
    const auto views = testing::MakeTestViews();
    MemoryViewStore store;
    uint64_t cut = 0;
    for (int life = 0; life < 6; ++life) {
      auto projector = std::make_unique<Projector>(
          ProjectorOptions{.partitions = testing::Partitions(kPartitions)}, log, store, *views);
      ASSERT_TRUE(projector->Open());
      for (int i = 0; i < 10; ++i) {
        testing::AppendRandom(writer, random, kPartitions, random() % 20);
        testing::StepToEnd(*projector);
        if (random() % 6 == 0) {
          ASSERT_TRUE(store.Flush(false));
        }
      }
      MemoryViewStore empty;
      Projector refold({.partitions = testing::Partitions(kPartitions)}, log, empty, *views);
      ASSERT_TRUE(refold.Open());
      testing::StepToEnd(refold);
      ASSERT_EQ(testing::AllRows(*projector, *views, kPartitions),
                testing::AllRows(refold, *views, kPartitions))
          << "seed " << seed;
      const size_t batches = store.UnflushedBatches();
      const size_t kept = batches == 0 ? 0 : random() % (batches + 1);
      cut += batches - kept;
      projector.reset();
      store.Crash(kept);
    }
    EXPECT_GT(cut, 0u) << "seed " << seed << ": nothing was cut";
  }
}

}  // namespace
}  // namespace jalon::projections
