// The end of a receipts log in memory, held against what the view receipts folds of the same log.
#include "projections/trail/receipts_tail.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "eventstore/trail/proof.h"
#include "jalon/event/v1/event_body.pb.h"
#include "projections/engine/projector.h"
#include "projections/trail/trails_testing.h"
#include "projections/views/all_views.h"
#include "projections/views/receipts.h"

namespace jalon::projections {
namespace {

using testing::kGarage;
using testing::kSchoolA;

const Bytes kDeployment = Bytes(16, 'D');
constexpr size_t kAll = 1000;

class ReceiptsTailTest : public ::testing::Test {
 protected:
  ReceiptsTailTest() {
    EXPECT_TRUE(projector_.Open());
    Fold();
  }
  void Fold() { testing::StepToEnd(projector_); }

  std::shared_ptr<const ReadView> Read(Partition partition) {
    auto view = projector_.publication().Read(partition, PartitionScope());
    EXPECT_TRUE(view) << view.error().message;
    return std::make_shared<const ReadView>(*std::move(view));
  }
  static TrailRows RowsOf(const std::shared_ptr<const ReadView>& view) {
    return {.get = [view](std::string_view key) { return view->Get(kReceipts, key); },
            .scan =
                [view](std::string_view prefix, std::string_view after,
                       const StoreSnapshot::Visit& visit) {
                  return view->Scan(kReceipts, prefix, after, visit);
                }};
  }
  // Begins where the view stands.
  ReceiptsTail Begin(Partition partition = Partition{0}) {
    const auto view = Read(partition);
    const TrailRows rows = RowsOf(view);
    return {partition, kDeployment,
            Cursor{.head = view->as_of().head,
                   .log_incarnation = view->as_of().log_incarnation,
                   .recorded_at = view->as_of().recorded_at},
            TrailTree(rows, OnlyTree()).Frontier().value()};
  }
  // Counts up to the end of the log.
  Result<void> Count(ReceiptsTail& tail, Partition partition = Partition{0}) {
    for (;;) {
      const auto entries = history_.log().ReadFrom(partition, tail.next(), {.entries = 7}).value();
      if (entries.empty()) return {};
      const Offset before = tail.next();
      for (const auto& entry : entries) JALON_RETURN_IF_ERROR(tail.Take(entry));
      if (tail.next() == before) return {};  // nothing but copies, up to the end
    }
  }
  // It says what the rows say, of each record since `since`.
  void ExpectAsFolded(const ReceiptsTail& tail, Seq since, Partition partition) {
    const auto view = Read(partition);
    ReceiptsLog log(RowsOf(view), kDeployment, partition, history_.log());
    const TreeState folded = log.tree().Now().value();
    EXPECT_EQ(tail.tree().size(), folded.size);
    EXPECT_EQ(tail.tree().Root(), folded.root);
    EXPECT_EQ(tail.seq(), view->as_of().seq);
    for (Seq seq{since.value + 1}; seq <= tail.seq(); ++seq.value) {
      EXPECT_EQ(tail.Of(seq, kAll), log.Of(seq, kAll).value()) << seq.value;
    }
    EXPECT_EQ(tail.Of(since, kAll), std::nullopt);
    EXPECT_EQ(tail.Of(Seq{tail.seq().value + 1}, kAll), std::nullopt);
  }

  testing::TrailHistory history_;
  const std::unique_ptr<const ViewSet> views_ = MakeOneView(kReceipts, kDeployment);
  MemoryViewStore store_;
  Projector projector_{ProjectorOptions{.partitions = testing::Partitions(2)}, history_.log(),
                       store_, *views_};
};

TEST_F(ReceiptsTailTest, ComesToWhatTheViewFoldsWhereverItBegins) {
  std::mt19937_64 random(11);
  std::vector<std::pair<ReceiptsTail, Seq>> tails[2];
  for (int batch = 0; batch < 30; ++batch) {
    for (const uint32_t partition : {0, 1}) {
      ReceiptsTail tail = Begin(Partition{partition});
      const Seq since = tail.seq();
      tails[partition].emplace_back(std::move(tail), since);
    }
    history_.AppendRandom(random, random() % 12);
    // Some count at each batch, others much of the log at once.
    for (size_t i = 0; i < tails[0].size(); i += 2) ASSERT_TRUE(Count(tails[0][i].first));
    Fold();
  }
  uint64_t lines = 0;
  for (const uint32_t partition : {0, 1}) {
    for (auto& [tail, since] : tails[partition]) {
      ASSERT_TRUE(Count(tail, Partition{partition}));
      ExpectAsFolded(tail, since, Partition{partition});
      lines += tail.tree().size() - tail.tree().begin();
    }
  }
  EXPECT_GT(lines, 1000u);
}

TEST_F(ReceiptsTailTest, KeepsTheLastRecordsWhole) {
  constexpr size_t kMuch = 1'000'000;
  ReceiptsTail tail = Begin();
  for (int record = 0; record < 10; ++record) {
    for (int i = 0; i < 5; ++i) history_.Report(kGarage);
    history_.Emit();
  }
  ASSERT_TRUE(Count(tail));
  tail.Keep({.lines = 50, .entry_bytes = kMuch, .leaves = kMuch});
  EXPECT_EQ(tail.Of(Seq{1}, kAll)->size(), 5u);
  const size_t bytes = tail.Of(Seq{10}, 1)->front().entry.size() * 6;
  ReceiptsTail few_bytes = tail;
  few_bytes.Keep({.lines = 50, .entry_bytes = bytes, .leaves = kMuch});
  EXPECT_EQ(few_bytes.Of(Seq{9}, kAll), std::nullopt);
  EXPECT_EQ(few_bytes.Of(Seq{10}, kAll)->size(), 5u);
  // Two records: with a third it would be too many lines. The tree keeps more.
  tail.Keep({.lines = 12, .entry_bytes = kMuch, .leaves = 20});
  EXPECT_EQ(tail.tree().begin(), 30u);
  EXPECT_EQ(tail.Of(Seq{8}, kAll), std::nullopt);
  EXPECT_EQ(tail.Of(Seq{9}, kAll)->size(), 5u);
  EXPECT_EQ(tail.Of(Seq{9}, 3)->size(), 3u);
  EXPECT_EQ(tail.Of(Seq{9}, kAll, 4)->front().index, 44u);
  const Received first = tail.Of(Seq{9}, 1)->front();
  const auto proof = trail::InclusionProof(
      first.at, 50, [&](trail::Node node) -> Result<Hash> { return *tail.tree().Find(node); });
  EXPECT_TRUE(trail::VerifyInclusion(first.at, 50, trail::LeafHash(first.line), *proof,
                                     tail.tree().Root()));
}

TEST_F(ReceiptsTailTest, WhatIsNoLeafIsNoneHoweverItIsMarked) {
  ReceiptsTail tail = Begin();
  log::v1::Event event = testing::MakeReport(kSchoolA, kGarage, 0);
  event.set_type(event::v1::EventBody::kLogsPublished);
  history_.Append(kSchoolA, {event});
  ASSERT_TRUE(Count(tail));
  Fold();
  ExpectAsFolded(tail, Seq{0}, Partition{0});
  EXPECT_EQ(tail.tree().size(), 0u);
}

TEST_F(ReceiptsTailTest, StopsWhereTheViewStops) {
  ReceiptsTail tail = Begin();
  history_.Append(kSchoolA, {testing::MakeReport(kSchoolA, "no id", 0)});
  EXPECT_EQ(Count(tail).error().reason, "PARTITION_DIVERGED");
  Fold();
  EXPECT_EQ(projector_.publication().Read(Partition{0}, PartitionScope()).error().reason,
            "PARTITION_DIVERGED");
}

}  // namespace
}  // namespace jalon::projections
