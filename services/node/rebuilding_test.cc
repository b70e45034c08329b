#include "services/node/rebuilding.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>

#include "eventstore/log/log_testing.h"
#include "projections/engine/engine_testing.h"
#include "projections/engine/memory_store.h"

namespace jalon::node {
namespace {

using admin::v1::RebuildViewResponse;
using eventstore::MemoryLog;
using projections::Generation;
using projections::MemoryViewStore;
using projections::Projector;
namespace engine = projections::testing;

constexpr uint32_t kPartitions = 4;
constexpr uint64_t kRecords = 3000;

// A projector of all partitions, stepped by a thread of its own as in a node, and what rebuilds for
// it.
class Folded {
 public:
  Folded(MemoryLog& log, MemoryViewStore& store, const projections::ViewSet& views,
         std::function<Result<void>()> has_room = {})
      : projector_({.partitions = engine::Partitions(kPartitions), .fold_entries_max = 0}, log,
                   store, views),
        rebuilding({.log = log,
                    .projector = projector_,
                    .store = store,
                    .views = views,
                    .partition_count = kPartitions,
                    .memory_bytes = size_t{1} << 30,
                    .has_room = std::move(has_room)}) {
    EXPECT_TRUE(projector_.Open());
    thread_ = std::jthread([this](const std::stop_token& stop) {
      for (int64_t now = 1; !stop.stop_requested(); ++now) {
        if (!projector_.Step(Micros{now})) std::this_thread::yield();
      }
    });
  }

  // Ends the thread: what it left may be looked at.
  Projector& Still() {
    thread_ = {};
    return projector_;
  }
  bool Serving() const { return projector_.Serving(); }

 private:
  Projector projector_;

 public:
  Rebuilding rebuilding;

 private:
  std::jthread thread_;
};

class RebuildingTest : public ::testing::Test {
 protected:
  RebuildingTest() { engine::AppendRandom(writer_, random_, kPartitions, kRecords); }

  Rebuilding::Report Reports() {
    return [this](const RebuildViewResponse& progress) {
      last_ = progress;
      return true;
    };
  }
  std::set<Generation> Stored() {
    std::set<Generation> stored;
    EXPECT_TRUE(store_.Snapshot()->Scan(
        projections::GenerationKey(Generation{1}), "", [&](std::string_view key, std::string_view) {
          return stored.insert(*projections::GenerationOf(key)), true;
        }));
    return stored;
  }
  static std::set<Generation> Serving(const Projector& projector) {
    std::set<Generation> serving;
    for (const auto& status : projector.Status().partitions) {
      serving.insert(status.generations.begin(), status.generations.end());
    }
    return serving;
  }
  // As a projector comes to them that folds entry by entry.
  std::string Followed(const projections::ViewSet& views) {
    MemoryViewStore empty;
    Projector projector({.partitions = engine::Partitions(kPartitions)}, log_, empty, views);
    EXPECT_TRUE(projector.Open());
    engine::StepToEnd(projector);
    return engine::AllRows(projector, views, kPartitions);
  }

  MemoryLog log_{eventstore::testing::TestBirth(kPartitions)};
  engine::LogWriter writer_{log_};
  std::mt19937_64 random_{1};
  MemoryViewStore store_;
  std::unique_ptr<const projections::ViewSet> views_ = engine::MakeTestViews();
  RebuildViewResponse last_;
};

TEST_F(RebuildingTest, AStartWithoutViewsBuildsThemBeforeItServes) {
  Folded folded(log_, store_, *views_);
  EXPECT_FALSE(folded.Serving());
  ASSERT_TRUE(folded.rebuilding.BuildMissing(Reports()));
  EXPECT_TRUE(folded.Serving());
  EXPECT_EQ(last_.phase(), admin::v1::REBUILD_PHASE_DONE);
  EXPECT_EQ(last_.records_done(), last_.records_total());
  EXPECT_GE(last_.records_done(), kRecords);
  EXPECT_EQ(engine::AllRows(folded.Still(), *views_, kPartitions), Followed(*views_));
}

TEST_F(RebuildingTest, AViewOfAnotherVersionIsBuiltAndTheOldRowsGo) {
  {
    Folded folded(log_, store_, *views_);
    ASSERT_TRUE(folded.rebuilding.BuildMissing(Reports()));
  }
  const auto other = engine::MakeTestViews(2, 10);
  Folded folded(log_, store_, *other);
  EXPECT_FALSE(folded.Serving());
  ASSERT_TRUE(folded.rebuilding.BuildMissing(Reports()));
  EXPECT_TRUE(folded.Serving());
  Projector& projector = folded.Still();
  EXPECT_EQ(engine::AllRows(projector, *other, kPartitions), Followed(*other));
  ASSERT_TRUE(store_.Collect());
  EXPECT_EQ(Stored(), Serving(projector));
}

TEST_F(RebuildingTest, NothingMissingIsNothingToDo) {
  Folded folded(log_, store_, *views_);
  ASSERT_TRUE(folded.rebuilding.BuildMissing(Reports()));
  last_.Clear();
  ASSERT_TRUE(folded.rebuilding.BuildMissing(Reports()));
  EXPECT_EQ(last_.phase(), admin::v1::REBUILD_PHASE_UNSPECIFIED);
}

TEST_F(RebuildingTest, OnCallItReplacesWhatServesAndDropsIt) {
  Folded folded(log_, store_, *views_);
  ASSERT_TRUE(folded.rebuilding.BuildMissing(Reports()));
  const std::set<Generation> before = Stored();
  ASSERT_TRUE(folded.rebuilding.Run("", Reports()));
  EXPECT_EQ(last_.phase(), admin::v1::REBUILD_PHASE_DONE);
  const std::set<Generation> after = Stored();
  EXPECT_EQ(after.size(), before.size());
  for (const Generation generation : after) EXPECT_FALSE(before.contains(generation));
  EXPECT_EQ(engine::AllRows(folded.Still(), *views_, kPartitions), Followed(*views_));
}

TEST_F(RebuildingTest, OneViewIsBuiltAlone) {
  Folded folded(log_, store_, *views_);
  ASSERT_TRUE(folded.rebuilding.BuildMissing(Reports()));
  const std::set<Generation> before = Stored();
  ASSERT_TRUE(folded.rebuilding.Run("tally", Reports()));
  size_t kept = 0;
  for (const Generation generation : Stored()) kept += before.contains(generation);
  EXPECT_EQ(kept, before.size() / 2);
  EXPECT_EQ(folded.rebuilding.Run("nothing", Reports()).error().code, Code::kNotFound);
}

TEST_F(RebuildingTest, CancelledItSaysSoAndLeavesNothing) {
  Folded folded(log_, store_, *views_);
  ASSERT_TRUE(folded.rebuilding.BuildMissing(Reports()));
  const std::set<Generation> before = Stored();
  EXPECT_EQ(folded.rebuilding.Cancel().error().reason, "NO_REBUILD_RUNNING");
  // The first report comes before anything is handed over.
  std::vector<std::string> names;
  std::string meanwhile;
  ASSERT_TRUE(folded.rebuilding.Run("ranks", [&](const RebuildViewResponse& progress) {
    last_ = progress;
    if (!names.empty()) return true;
    meanwhile = folded.rebuilding.Run("", Reports()).error().reason;
    names = *folded.rebuilding.Cancel();
    return true;
  }));
  EXPECT_EQ(last_.phase(), admin::v1::REBUILD_PHASE_CANCELLED);
  EXPECT_EQ(names, std::vector<std::string>{"ranks"});
  EXPECT_EQ(meanwhile, "REBUILD_RUNNING");
  EXPECT_EQ(Stored(), before);
}

// An operator may ask before what a start misses is begun.
TEST_F(RebuildingTest, WhatIsMissingWaitsForAnotherRebuild) {
  for (const bool stop : {false, true}) {
    MemoryViewStore store;
    Folded folded(log_, store, *views_);
    std::optional<std::future<Result<void>>> built;
    std::string meanwhile = "waits";
    ASSERT_TRUE(folded.rebuilding.Run("tally", [&](const RebuildViewResponse&) {
      if (built) return true;
      built = std::async(std::launch::async, [&] {
        return folded.rebuilding.BuildMissing([](const RebuildViewResponse&) { return true; });
      });
      // Long enough for it to ask: it is refused at once, or waits.
      if (built->wait_for(std::chrono::milliseconds(100)) == std::future_status::ready) {
        meanwhile = "is over";
      }
      if (stop) folded.rebuilding.Stop();
      return true;
    }));
    EXPECT_EQ(meanwhile, "waits");
    ASSERT_EQ(built->wait_for(std::chrono::seconds(30)), std::future_status::ready);
    const Result<void> result = built->get();
    EXPECT_TRUE(result) << result.error().message;
    EXPECT_EQ(folded.Serving(), !stop);
  }
}

TEST_F(RebuildingTest, AfterStopNothingIsBuilt) {
  Folded folded(log_, store_, *views_);
  folded.rebuilding.Stop();
  ASSERT_TRUE(folded.rebuilding.BuildMissing(Reports()));
  EXPECT_EQ(last_.phase(), admin::v1::REBUILD_PHASE_CANCELLED);
  EXPECT_FALSE(folded.Serving());
  EXPECT_TRUE(Stored().empty());
}

TEST_F(RebuildingTest, WithoutRoomOnTheDiskNothingChanges) {
  int looks = 0;
  for (const int full_at : {1, 2}) {  // before it begins; while it is built
    MemoryViewStore store;
    Folded folded(log_, store, *views_, [&looks, full_at]() -> Result<void> {
      if (++looks < full_at) return {};
      return Fail(Code::kResourceExhausted, "DISK_FULL", "free some");
    });
    looks = 0;
    const auto built = folded.rebuilding.BuildMissing(Reports());
    ASSERT_FALSE(built) << full_at;
    EXPECT_EQ(built.error().reason, "DISK_FULL");
    EXPECT_GE(looks, full_at);
    EXPECT_FALSE(folded.Serving());
  }
}

// Whoever waits for a swap that nobody makes is let go by Stop.
TEST_F(RebuildingTest, StopDoesNotWaitForTheSwap) {
  Folded folded(log_, store_, *views_);
  Rebuilding& rebuilding = folded.rebuilding;
  folded.Still();
  ASSERT_TRUE(rebuilding.BuildMissing([&](const RebuildViewResponse& progress) {
    last_ = progress;
    if (progress.phase() == admin::v1::REBUILD_PHASE_CATCHING_UP) rebuilding.Stop();
    return true;
  }));
  EXPECT_EQ(last_.phase(), admin::v1::REBUILD_PHASE_CANCELLED);
}

}  // namespace
}  // namespace jalon::node
