#include "projections/engine/rebuild.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <set>
#include <string>
#include <thread>

#include "eventstore/log/log_testing.h"
#include "projections/engine/engine_testing.h"
#include "projections/engine/memory_store.h"
#include "projections/engine/mutants_testing.h"
#include "projections/engine/store_testing.h"

namespace jalon::projections {
namespace {

using eventstore::MemoryLog;
using testing::kTenant;
using testing::LogWriter;

constexpr uint32_t kPartitions = 4;

class RebuildTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  ViewStore& store() { return fixture_->store(); }
  void Append(size_t records) { testing::AppendRandom(writer_, random_, kPartitions, records); }
  Projector& Start(ProjectorOptions options = {}) {
    options.partitions = testing::Partitions(kPartitions);
    projector_ = std::make_unique<Projector>(options, log_, store(), *views_);
    const Result<void> opened = projector_->Open();
    EXPECT_TRUE(opened) << opened.error().message;
    return *projector_;
  }
  std::unique_ptr<Rebuild> Begin(RebuildOptions options = {}) {
    if (options.targets.empty()) options.targets = testing::Everything(*views_, kPartitions);
    auto rebuild = std::make_unique<Rebuild>(options, log_, store(), *views_);
    const Result<void> opened = rebuild->Open();
    EXPECT_TRUE(opened) << opened.error().message;
    return rebuild;
  }
  std::string AllRows() { return testing::AllRows(*projector_, *views_, kPartitions); }
  std::string Refolded() {
    MemoryViewStore empty;
    Projector projector({.partitions = testing::Partitions(kPartitions)}, log_, empty, *views_);
    EXPECT_TRUE(projector.Open());
    testing::StepToEnd(projector);
    return testing::AllRows(projector, *views_, kPartitions);
  }
  std::set<Generation> Serving() {
    std::set<Generation> serving;
    for (const PartitionStatus& status : projector_->Status().partitions) {
      serving.insert(status.generations.begin(), status.generations.end());
    }
    return serving;
  }
  // The generations that have rows or a checkpoint in the store.
  std::set<Generation> Stored() {
    std::set<Generation> stored;
    EXPECT_TRUE(store().Snapshot()->Scan(GenerationKey(Generation{1}), "",
                                         [&](std::string_view key, std::string_view) {
                                           return stored.insert(*GenerationOf(key)), true;
                                         }));
    return stored;
  }
  bool StoredAreServing() {
    for (const Generation generation : Stored()) {
      if (!Serving().contains(generation)) return false;
    }
    return true;
  }

  MemoryLog log_{eventstore::testing::TestBirth(kPartitions)};
  LogWriter writer_{log_};
  std::mt19937_64 random_{1};
  std::unique_ptr<const ViewSet> views_ = testing::MakeTestViews();
  std::unique_ptr<testing::StoreFixture> fixture_ = GetParam().make();
  std::unique_ptr<Projector> projector_;
};

TEST_P(RebuildTest, ComesToTheSameRowsAsFollowing) {
  for (uint64_t seed = 0; seed < 12; ++seed) {
    random_.seed(seed);
    Append(150);
    testing::StepToEnd(Start());
    const auto before = Serving();
    const auto rebuild = Begin();
    auto built = testing::WorkToEnd(*rebuild, 1 + static_cast<int>(seed % 3));
    EXPECT_EQ(built.size(), kPartitions * views_->size());
    Append(20);  // what was written meanwhile is caught up with
    testing::AdoptAndStep(*projector_, std::move(built));
    ASSERT_EQ(AllRows(), Refolded()) << "seed " << seed;
    for (const Generation generation : Serving()) EXPECT_FALSE(before.contains(generation));
    const RebuildProgress progress = rebuild->Progress();
    EXPECT_EQ(progress.phase, RebuildProgress::Phase::kFinished);
    EXPECT_EQ(progress.entries_done, progress.entries_total);
    EXPECT_FALSE(progress.spilled);
    ASSERT_TRUE(store().Collect());
    EXPECT_TRUE(StoredAreServing());
    Append(20);
    testing::StepToEnd(*projector_);
    ASSERT_EQ(AllRows(), Refolded()) << "seed " << seed;
    projector_.reset();
    fixture_->Reopen();
  }
}

TEST_P(RebuildTest, CountsTheEventsOfTheWholeLog) {
  Append(300);
  const auto rebuild = Begin();
  testing::WorkToEnd(*rebuild, 2);
  EXPECT_EQ(rebuild->Progress().events_done, writer_.events());
}

TEST_P(RebuildTest, SpillsBeyondItsMemoryAndComesToTheSameRows) {
  Append(2000);
  testing::StepToEnd(Start());
  RebuildOptions options;
  options.memory_bytes = 20'000;
  const auto rebuild = Begin(options);
  testing::AdoptAndStep(*projector_, testing::WorkToEnd(*rebuild, 2));
  EXPECT_TRUE(rebuild->Progress().spilled);
  EXPECT_EQ(AllRows(), Refolded());
}

TEST_P(RebuildTest, BuildsWhatIsMissingOverALongLog) {
  Append(200);
  ProjectorOptions options;
  options.fold_entries_max = 0;
  testing::StepToEnd(Start(options));
  EXPECT_FALSE(projector_->Serving());
  const auto rebuild = Begin({.targets = projector_->Missing()});
  testing::AdoptAndStep(*projector_, testing::WorkToEnd(*rebuild, 2));
  EXPECT_TRUE(projector_->Missing().empty());
  EXPECT_TRUE(projector_->Serving());
  EXPECT_EQ(AllRows(), Refolded());
  Append(50);
  testing::StepToEnd(*projector_);
  EXPECT_EQ(AllRows(), Refolded());
  projector_.reset();
  fixture_->Reopen();
  testing::StepToEnd(Start(options));
  EXPECT_TRUE(projector_->Serving());
  EXPECT_EQ(AllRows(), Refolded());
}

TEST_P(RebuildTest, BuildsAnotherVersionBesideAndServesItThen) {
  Append(200);
  testing::StepToEnd(Start());
  projector_.reset();
  fixture_->Reopen();
  views_ = testing::MakeTestViews(2, 5);
  ProjectorOptions options;
  options.fold_entries_max = 0;
  testing::StepToEnd(Start(options));
  ASSERT_EQ(projector_->Missing().size(), kPartitions) << "one view of two has another version";
  const auto rebuild = Begin({.targets = projector_->Missing()});
  testing::AdoptAndStep(*projector_, testing::WorkToEnd(*rebuild, 2));
  EXPECT_TRUE(projector_->Serving());
  EXPECT_EQ(AllRows(), Refolded());
}

TEST_P(RebuildTest, GoesOnUnderWritesWithoutAnAnswerGoingBack) {
  Append(500);
  testing::StepToEnd(Start());
  std::atomic<bool> stop = false;
  std::atomic<uint64_t> reads = 0;
  std::jthread reader([&] {
    std::map<uint32_t, uint64_t> last;
    while (!stop) {
      for (uint32_t partition = 0; partition < kPartitions; ++partition) {
        const auto read = projector_->publication().Read(Partition{partition}, Bytes(kTenant));
        ASSERT_TRUE(read) << read.error().message;
        const uint64_t seq = read->as_of().seq.value;
        ASSERT_GE(seq, last[partition]);
        last[partition] = seq;
        // Every row that a list names is there: views stand at one position.
        ASSERT_TRUE(read->Scan("ranks", "n", "", [&](std::string_view key, std::string_view) {
          const std::string name = "t" + std::string(key.substr(1));
          EXPECT_TRUE(read->Get("tally", name)->has_value());
          return true;
        }));
        ++reads;
      }
    }
  });
  for (int round = 0; round < 5; ++round) {
    const auto rebuild = Begin();
    std::vector<BuiltGeneration> built;
    std::jthread builder([&] { built = testing::WorkToEnd(*rebuild, 2); });
    for (int i = 0; i < 20; ++i) {
      Append(10);
      projector_->Step(Micros{i + 1});
    }
    builder.join();
    ASSERT_FALSE(built.empty());
    testing::AdoptAndStep(*projector_, std::move(built));
    ASSERT_TRUE(store().Collect());
  }
  stop = true;
  reader.join();
  EXPECT_GT(reads, 0u);
  EXPECT_EQ(AllRows(), Refolded());
}

TEST_P(RebuildTest, CancelledMidwayItLeavesNothingAndTheOldOneServes) {
  Append(3000);
  testing::StepToEnd(Start());
  const std::string rows = AllRows();
  const auto serving = Serving();
  for (int round = 0; round < 5; ++round) {
    {
      const auto rebuild =
          Begin({.targets = {}, .memory_bytes = round % 2 == 0 ? 10'000u : 1u << 30});
      std::jthread worker([&] { rebuild->Work(); });
      while (rebuild->Progress().entries_done == 0) std::this_thread::yield();
      rebuild->Cancel();
      Error error;
      worker.join();
      testing::WorkToEnd(*rebuild, 1, &error);
      EXPECT_EQ(error.code, Code::kCancelled);
    }
    ASSERT_TRUE(store().Collect());
    EXPECT_TRUE(StoredAreServing());
    EXPECT_EQ(Serving(), serving);
    EXPECT_EQ(AllRows(), rows);
  }
}

TEST_P(RebuildTest, AQueryKeepsWhatItReadsThroughASwap) {
  Append(200);
  testing::StepToEnd(Start());
  auto read = projector_->publication().Read(Partition{0}, Bytes(kTenant));
  ASSERT_TRUE(read);
  const auto scan = [&] {
    std::string rows;
    EXPECT_TRUE(read->Scan("tally", "", "", [&](std::string_view key, std::string_view value) {
      rows += std::string(key) + '=' + ToHex(value) + '\n';
      return true;
    }));
    return rows;
  };
  const std::string before = scan();
  const auto rebuild = Begin();
  testing::AdoptAndStep(*projector_, testing::WorkToEnd(*rebuild, 2));
  ASSERT_TRUE(store().Collect());
  EXPECT_EQ(scan(), before);
  EXPECT_FALSE(StoredAreServing()) << "what a query reads is not collected";
  read = std::unexpected(Error{});
  ASSERT_TRUE(store().Collect());
  EXPECT_TRUE(StoredAreServing());
}

// While it catches up over several steps the old one serves, and it then has all that was written.
TEST_P(RebuildTest, IsSwappedInOnceItCaughtUpAndNotBefore) {
  Append(100);
  testing::StepToEnd(Start());
  const auto before = Serving();
  const auto rebuild = Begin();
  auto built = testing::WorkToEnd(*rebuild, 2);
  Append(20000);  // too much to catch up with in one step
  testing::StepToEnd(*projector_);
  const std::string rows = AllRows();
  projector_->Adopt(std::move(built), [](const Result<void>& result) { EXPECT_TRUE(result); });
  projector_->Step(Micros{1});
  EXPECT_EQ(Serving(), before);
  EXPECT_TRUE(AllRows() == rows);
  testing::StepToEnd(*projector_);
  for (const Generation generation : Serving()) EXPECT_FALSE(before.contains(generation));
  EXPECT_TRUE(AllRows() == rows);
}

TEST_P(RebuildTest, WhoWaitsForASwapIsToldWhenTheProjectorEnds) {
  Append(100);
  testing::StepToEnd(Start());
  for (const bool stepped : {false, true}) {
    const auto rebuild = Begin();
    auto built = testing::WorkToEnd(*rebuild, 2);
    Append(20000);  // too much to catch up with in one step
    testing::StepToEnd(*projector_);
    std::string reason;
    projector_->Adopt(std::move(built), [&](const Result<void>& result) {
      reason = result ? "OK" : result.error().reason;
    });
    if (stepped) projector_->Step(Micros{1});
    projector_.reset();
    EXPECT_EQ(reason, "NOT_SERVING") << stepped;
    ASSERT_TRUE(store().Collect());
    testing::StepToEnd(Start());
    EXPECT_TRUE(StoredAreServing());
  }
}

// What is built for a projector that has stopped, or for one that stops meanwhile, is refused.
TEST_P(RebuildTest, WhatAStoppedPartitionIsGivenIsRefused) {
  Append(100);
  testing::StepToEnd(Start());
  const auto rebuild = Begin();
  auto built = testing::WorkToEnd(*rebuild, 2);
  auto forged = eventstore::testing::NextRecord(writer_.head(Partition{2}));
  forged.set_prev_hash(std::string(32, 'x'));
  log_.Forge(Partition{2}, eventstore::EncodeRecord(forged));
  testing::StepToEnd(*projector_);
  std::string reason;
  projector_->Adopt(std::move(built), [&](const Result<void>& result) {
    reason = result ? "OK" : result.error().reason;
  });
  testing::StepToEnd(*projector_);
  EXPECT_EQ(reason, "PARTITION_DIVERGED");
}

TEST_P(RebuildTest, WhatAFailedProjectorIsGivenIsRefused) {
  Append(100);
  testing::StopsWriting disk(store());
  Projector projector({.partitions = testing::Partitions(kPartitions)}, log_, disk, *views_);
  ASSERT_TRUE(projector.Open());
  testing::StepToEnd(projector);
  std::vector<std::string> reasons;
  const auto adopt = [&] {
    const auto rebuild = Begin();
    projector.Adopt(testing::WorkToEnd(*rebuild, 2), [&](const Result<void>& result) {
      reasons.push_back(result ? "OK" : result.error().reason);
    });
  };
  disk.failed = true;
  adopt();
  EXPECT_TRUE(reasons.empty());
  EXPECT_FALSE(projector.Step(Micros{1}));
  EXPECT_EQ(reasons, std::vector<std::string>{"STORE_FAILED"});
  adopt();
  EXPECT_EQ(reasons, (std::vector<std::string>{"STORE_FAILED", "STORE_FAILED"}));
}

// It is given up, and what serves goes on.
TEST_P(RebuildTest, WhatCannotCatchUpIsRefusedAlone) {
  Append(100);
  testing::LosesGenerations disk(store());
  Projector projector({.partitions = testing::Partitions(kPartitions)}, log_, disk, *views_);
  ASSERT_TRUE(projector.Open());
  testing::StepToEnd(projector);
  const auto rebuild = Begin();
  auto built = testing::WorkToEnd(*rebuild, 2);
  for (const BuiltGeneration& each : built) disk.lost.insert(each.generation);
  Append(300);
  testing::StepToEnd(projector);
  std::string reason;
  projector.Adopt(std::move(built), [&](const Result<void>& result) {
    reason = result ? "OK" : result.error().reason;
  });
  testing::StepToEnd(projector);
  EXPECT_EQ(reason, "STORE_FAILED");
  EXPECT_TRUE(projector.Serving());
  for (const PartitionStatus& status : projector.Status().partitions) {
    EXPECT_FALSE(status.error) << status.partition.value;
    for (const bool joining : status.joining) EXPECT_FALSE(joining);
  }
  Append(100);
  testing::StepToEnd(projector);
  EXPECT_EQ(testing::AllRows(projector, *views_, kPartitions), Refolded());
}

TEST_P(RebuildTest, ADivergedLogFailsIt) {
  Append(100);
  auto forged = eventstore::testing::NextRecord(writer_.head(Partition{2}));
  forged.set_prev_hash(std::string(32, 'x'));
  log_.Forge(Partition{2}, eventstore::EncodeRecord(forged));
  const auto rebuild = Begin();
  Error error;
  testing::WorkToEnd(*rebuild, 2, &error);
  EXPECT_EQ(error.reason, "PARTITION_DIVERGED");
}

// Mutant: what is ingested does not say how far it is. It is refused, and the old one serves.
TEST_P(RebuildTest, RowsThatComeWithoutTheirCheckpointAreRefused) {
  Append(100);
  testing::StepToEnd(Start());
  const auto serving = Serving();
  testing::IngestsWithoutCheckpoint mutant(store());
  Rebuild rebuild({.targets = testing::Everything(*views_, kPartitions)}, log_, mutant, *views_);
  ASSERT_TRUE(rebuild.Open());
  Result<void> answer;
  projector_->Adopt(testing::WorkToEnd(rebuild, 2),
                    [&](Result<void> result) { answer = std::move(result); });
  testing::StepToEnd(*projector_);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kDataLoss);
  EXPECT_EQ(Serving(), serving);
  EXPECT_EQ(AllRows(), Refolded());
  ASSERT_TRUE(store().Collect());
  EXPECT_TRUE(StoredAreServing());
}

INSTANTIATE_TEST_SUITE_P(Stores, RebuildTest, ::testing::ValuesIn(testing::Stores()),
                         testing::StoreName);

}  // namespace
}  // namespace jalon::projections
