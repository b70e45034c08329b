// Receipts and the desk where answers wait for them, over a log and the view that folds it: each is
// checked as its holder would, against an export of the trail.
#include "services/api/queries/receipts.h"

#include <gtest/gtest.h>

#include <utility>

#include "eventstore/signer/signer.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/key.h"
#include "eventstore/trail/note.h"
#include "eventstore/trail/origin.h"
#include "eventstore/trail/tlog_proof.h"
#include "eventstore/trail/trail_testing.h"
#include "projections/engine/projector.h"
#include "projections/trail/trails_testing.h"
#include "projections/views/all_views.h"
#include "projections/views/receipts.h"
#include "projections/views/tree_rows.h"
#include "services/api/queries/engine_views.h"

namespace jalon::api {
namespace {

using projections::testing::kBakery;
using projections::testing::kGarage;
using projections::testing::kSchoolA;
using projections::testing::kSchoolB;
using trail::v1::Receipt;

class ReceiptsTest : public ::testing::Test {
 protected:
  void Fold() { projections::testing::StepToEnd(*projector_); }
  Result<Receipts::Made> Make(ReceiptsWanted wanted) {
    return receipts_.Make({&wanted, 1}).front();
  }

  Receipts::Parts Parts(Views& views) {
    return {.views = views,
            .log = history_.log(),
            .names = names_,
            .partitions = projections::testing::Partitions(2)};
  }
  // What is written from here on is counted in memory.
  void Begin() {
    Fold();
    for (const Partition partition : projections::testing::Partitions(2)) {
      EXPECT_EQ(Make({.partition = partition, .seq = Seq{1'000}}).error().reason, kNotCountedYet);
    }
  }

  // Whether whoever holds only the receipt and the deployment's key believes that the trail holds
  // these bytes at that index.
  bool Proves(const Receipt& receipt, const std::string& trail, uint64_t index,
              const std::string& entry, uint32_t partition) {
    const auto proof = trail::ParseTlogProof(receipt.tlog_proof());
    const auto key = trail::ParseVerifierKey(receipt.verifier_key());
    if (!proof || !key || !proof->extra) return false;
    EXPECT_EQ(key->name, trail::ReceiptsOrigin(kDeployment, partition));
    const auto note = trail::ParseNote(proof->checkpoint);
    if (!note || !trail::OpenNote(*note, {&*key, 1})) return false;
    const auto log = trail::ParseCheckpoint(note->text);
    const auto line = trail::ParseReceiptLine(*proof->extra);
    return log && line && log->origin == key->name &&
           trail::VerifyInclusion(proof->index, log->size, trail::LeafHash(*proof->extra),
                                  proof->hashes, log->root) &&
           line->trail == trail && line->index == index && line->leaf == trail::LeafHash(entry) &&
           receipt.entry() == entry && receipt.index() == index && receipt.trail() == trail;
  }

  static std::string CheckpointOf(const Receipt& receipt) {
    return trail::ParseTlogProof(receipt.tlog_proof())->checkpoint;
  }
  void ExpectThoseOfEveryEntry(const std::vector<Result<Receipts::Made>>& made) {
    ASSERT_EQ(made.size(), 5u);
    for (const auto& of_record : made) ASSERT_TRUE(of_record) << of_record.error().message;
    const auto& garage = history_.Entries(kGarage);
    const auto& bakery = history_.Entries(kBakery);
    const std::string of_garage = trail::TrailOrigin(kDeployment, kSchoolA, kGarage);
    const std::string of_bakery = trail::TrailOrigin(kDeployment, kSchoolA, kBakery);
    ASSERT_EQ(made[0]->size(), 3u);
    EXPECT_TRUE(Proves(made[0]->at(0), of_garage, 0, garage[0], 0));
    EXPECT_TRUE(Proves(made[0]->at(1), of_bakery, 0, bakery[0], 0));
    EXPECT_TRUE(Proves(made[0]->at(2), of_garage, 1, garage[1], 0));
    ASSERT_EQ(made[1]->size(), 1u);
    EXPECT_TRUE(Proves(made[1]->at(0), trail::TrailOrigin(kDeployment, kSchoolB, kGarage), 0,
                       history_.Entries(kGarage, kSchoolB)[0], 1));
    ASSERT_EQ(made[2]->size(), 1u);
    EXPECT_TRUE(Proves(made[2]->at(0), of_garage, 2, garage[2], 0));
    EXPECT_EQ(made[3]->size(), 0u);  // it reported nothing
    ASSERT_EQ(made[4]->size(), 1u);
    EXPECT_TRUE(Proves(made[4]->at(0), of_bakery, 0, bakery[0], 0));
  }

  inline static const Bytes kDeployment = Bytes(16, 'D');
  projections::testing::TrailHistory history_;
  const std::unique_ptr<const projections::ViewSet> views_ =
      projections::MakeOneView(projections::kReceipts, kDeployment);
  projections::MemoryViewStore store_;
  const std::unique_ptr<projections::Projector> projector_ = [this] {
    auto projector = std::make_unique<projections::Projector>(
        projections::ProjectorOptions{.partitions = projections::testing::Partitions(2)},
        history_.log(), store_, *views_);
    EXPECT_TRUE(projector->Open());
    return projector;
  }();
  EngineViews engine_{projector_->publication()};
  eventstore::Signer signer_{eventstore::SigningKey(trail::Seed{1, 2, 3}),
                             std::make_unique<eventstore::TransientSignerMemory>()};
  TrailNames names_{.deployment = kDeployment, .signer = &signer_};
  Receipts receipts_{Parts(engine_)};
};

// From memory, and later from the rows.
TEST_F(ReceiptsTest, EveryEntryOfEveryRecordHasOne) {
  Begin();
  history_.Say();  // a record before, with an event that is no leaf
  history_.Emit();
  history_.Report(kGarage);
  history_.Say();
  history_.Report(kBakery);
  history_.Report(kGarage);
  history_.Emit();
  history_.Report(kGarage, kSchoolB);
  history_.Emit(kSchoolB);
  history_.Report(kGarage);
  history_.Emit();
  const ReceiptsWanted wanted[] = {{.partition = Partition{0}, .seq = Seq{2}},
                                   {.partition = Partition{1}, .seq = Seq{1}},
                                   {.partition = Partition{0}, .seq = Seq{3}},
                                   {.partition = Partition{0}, .seq = Seq{1}},
                                   {.partition = Partition{0}, .seq = Seq{2}, .event = 2}};
  const auto from_memory = receipts_.Make(wanted);
  Fold();
  Receipts later(Parts(engine_));  // of a process that was started since
  std::vector<Result<Receipts::Made>> from_rows;
  for (const ReceiptsWanted& one : wanted) from_rows.push_back(later.MakeAgain(one));
  for (const auto& made : {from_memory, from_rows}) ExpectThoseOfEveryEntry(made);
}

// Past groups of rows on three levels; each time also one that lies far behind, most of which
// stands in the rows only, and under the checkpoint of the last pass.
TEST_F(ReceiptsTest, NewEntriesAndOldOnesAreProvenUnderOneCheckpoint) {
  const std::string of_garage = trail::TrailOrigin(kDeployment, kSchoolA, kGarage);
  uint64_t reported = 0;
  const auto report = [&](uint64_t entries) {
    for (uint64_t j = 0; j < entries; ++j, ++reported) history_.Report(kGarage);
    history_.Emit();
  };
  report(100);
  Begin();
  for (uint64_t i = 1; reported < 600; ++i) {
    const uint64_t first = reported;
    report(i % 23 + 1);
    if (i % 3 == 0) Fold();
    const auto made = Make({.partition = Partition{0}, .seq = Seq{i + 1}});
    ASSERT_TRUE(made) << made.error().message;
    const auto& entries = history_.Entries(kGarage);
    for (uint64_t at = first; at < reported; ++at) {
      ASSERT_TRUE(Proves(made->at(at - first), of_garage, at, entries[at], 0)) << at;
    }
    const auto old = receipts_.MakeAgain({.partition = Partition{0}, .seq = Seq{i / 3 + 1}});
    ASSERT_TRUE(old) << old.error().message;
    const uint64_t at = old->front().index();
    ASSERT_TRUE(Proves(old->front(), of_garage, at, entries[at], 0)) << at;
    EXPECT_EQ(CheckpointOf(old->front()), CheckpointOf(made->front()));
  }
}

TEST_F(ReceiptsTest, OldEntriesAreProvenUnderTheLastCheckpointWhileTheLogGrows) {
  const auto report = [&] {
    history_.Report(kGarage);
    history_.Emit();
  };
  const std::string of_garage = trail::TrailOrigin(kDeployment, kSchoolA, kGarage);
  Begin();
  report();
  report();
  const auto last = Make({.partition = Partition{0}, .seq = Seq{2}});
  ASSERT_TRUE(last) << last.error().message;
  report();
  Fold();
  for (int i = 0; i < 2; ++i) {
    const auto old = receipts_.MakeAgain({.partition = Partition{0}, .seq = Seq{1}});
    ASSERT_TRUE(old) << old.error().message;
    EXPECT_TRUE(Proves(old->at(0), of_garage, 0, history_.Entries(kGarage)[0], 0));
    EXPECT_EQ(CheckpointOf(old->at(0)), CheckpointOf(last->at(0)));
    ASSERT_TRUE(receipts_.Advance());  // by memory too
  }
  const auto third = receipts_.MakeAgain({.partition = Partition{0}, .seq = Seq{3}});
  ASSERT_TRUE(third) << third.error().message;
  EXPECT_TRUE(Proves(third->at(0), of_garage, 2, history_.Entries(kGarage)[2], 0));
}

TEST_F(ReceiptsTest, WhatViewsLagBehindByIsInMemory) {
  history_.Report(kGarage);
  history_.Emit();
  Begin();
  for (int record = 0; record < 3; ++record) {
    for (size_t i = 0; i <= kTailMax.lines / 2; ++i) history_.Report(kGarage);
    history_.Emit();
  }
  ASSERT_TRUE(Make({.partition = Partition{0}, .seq = Seq{4}}));
  const ReceiptsWanted second{.partition = Partition{0}, .seq = Seq{2}, .event = 3};
  EXPECT_EQ(Make(second).error().reason, kNotInMemory);
  EXPECT_EQ(receipts_.MakeAgain(second).error().reason, "VIEW_BEHIND");
  const std::string of_garage = trail::TrailOrigin(kDeployment, kSchoolA, kGarage);
  const auto first = receipts_.MakeAgain({.partition = Partition{0}, .seq = Seq{1}});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(Proves(first->at(0), of_garage, 0, history_.Entries(kGarage)[0], 0));
  Fold();
  const auto made = receipts_.MakeAgain(second);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(Proves(made->at(0), of_garage, 4, history_.Entries(kGarage)[4], 0));
}

TEST_F(ReceiptsTest, OfAnotherLifeOfTheLogThereAreNone) {
  Begin();
  history_.Report(kGarage);
  history_.Emit();
  ReceiptsWanted wanted{.partition = Partition{0}, .seq = Seq{1}, .log_incarnation = "another"};
  EXPECT_EQ(Make(wanted).error().reason, kAnotherLog);
  wanted.log_incarnation = engine_.Read(Partition{0}, projections::PartitionScope())
                               .value()
                               ->as_of()
                               .position()
                               .log_incarnation();
  EXPECT_TRUE(Make(wanted));
}

// Views whose first leaf of each tree is another one, for as long as that is wanted: those of a
// view that was built anew since. With `heads` their frontier says the same.
class OtherViews final : public Views {
 public:
  explicit OtherViews(Views& views) : views_(views) {}
  Result<std::unique_ptr<Reader>> Read(Partition partition, const Bytes& school_id) override {
    JALON_ASSIGN_OR_RETURN(auto reader, views_.Read(partition, school_id));
    if (!is_other) return reader;
    return std::make_unique<OtherReader>(std::move(reader), heads);
  }
  void Await(Partition partition, std::string_view log_incarnation, Seq seq, Micros deadline,
             Done done) override {
    views_.Await(partition, log_incarnation, seq, deadline, std::move(done));
  }

  bool is_other = true;
  bool heads = false;

 private:
  class OtherReader final : public Reader {
   public:
    OtherReader(std::unique_ptr<Reader> reader, bool heads)
        : reader_(std::move(reader)), heads_(heads) {}
    const type::v1::AsOf& as_of() const override { return reader_->as_of(); }
    const eventstore::ChainHead& head() const override { return reader_->head(); }
    Result<std::optional<std::string>> Get(std::string_view view,
                                           std::string_view key) const override {
      auto row = reader_->Get(view, key);
      if (heads_ && row && *row &&
          projections::IsTreeRow(projections::PartitionScope() + Bytes(key))) {
        (*row)->back() = static_cast<char>((*row)->back() ^ 1);
      }
      return row;
    }
    Result<void> Scan(std::string_view view, std::string_view prefix, std::string_view after,
                      const Visit& visit) const override {
      bool is_first = true;
      return reader_->Scan(view, prefix, after, [&](std::string_view key, std::string_view row) {
        std::string bytes(row);
        if (std::exchange(is_first, false)) bytes.back() = static_cast<char>(bytes.back() ^ 1);
        return visit(key, bytes);
      });
    }

   private:
    const std::unique_ptr<Reader> reader_;
    const bool heads_;
  };

  Views& views_;
};

TEST_F(ReceiptsTest, FromDamagedRowsItDoesNotBegin) {
  OtherViews views(engine_);
  Receipts receipts(Parts(views));
  history_.Report(kGarage);
  history_.Emit();
  Fold();
  history_.Report(kGarage);
  history_.Emit();
  const ReceiptsWanted second[] = {{.partition = Partition{0}, .seq = Seq{2}}};
  EXPECT_EQ(receipts.Make(second)[0].error().code, Code::kDataLoss);
  views.is_other = false;  // built anew
  const auto made = receipts.Make(second);
  ASSERT_TRUE(made[0]) << made[0].error().message;
  EXPECT_TRUE(Proves(made[0]->at(0), trail::TrailOrigin(kDeployment, kSchoolA, kGarage), 1,
                     history_.Entries(kGarage)[1], 0));
}

TEST_F(ReceiptsTest, DamagedRowsGiveNoReceipt) {
  OtherViews views(engine_);
  Receipts receipts(Parts(views));
  for (size_t i = 0; i < projections::kTreeGroup; ++i) history_.Report(kGarage);
  history_.Emit();
  Fold();
  // Its own row is whole, and one that its proof is made of is not.
  const ReceiptsWanted last{.partition = Partition{0}, .seq = Seq{1}, .event = 15};
  EXPECT_EQ(receipts.MakeAgain(last).error().code, Code::kDataLoss);
  views.is_other = false;
  EXPECT_TRUE(receipts.MakeAgain(last));
}

// It began from views that were built wrong, and goes on once they are built anew.
TEST_F(ReceiptsTest, WhatContradictsWhatWasSignedIsBegunAgain) {
  OtherViews views(engine_);
  views.heads = true;
  Receipts receipts(Parts(views));
  history_.Report(kGarage);
  history_.Emit();
  Fold();
  views.is_other = false;
  ASSERT_TRUE(receipts.MakeAgain({.partition = Partition{0}, .seq = Seq{1}}));
  views.is_other = true;
  history_.Report(kGarage);
  history_.Emit();
  const ReceiptsWanted second[] = {{.partition = Partition{0}, .seq = Seq{2}}};
  EXPECT_EQ(receipts.Make(second)[0].error().reason, "SIGNED_OTHERWISE");
  views.is_other = false;
  const auto made = receipts.Make(second);
  ASSERT_TRUE(made[0]) << made[0].error().message;
}

TEST_F(ReceiptsTest, AReplyDoesNotGrowWithItsRecord) {
  Begin();
  for (size_t i = 0; i < kReceiptsPerReplyMax + 5; ++i) history_.Report(kGarage);
  history_.Emit();
  EXPECT_EQ(Make({.partition = Partition{0}, .seq = Seq{1}})->size(), kReceiptsPerReplyMax);
  const auto last = Make({.partition = Partition{0}, .seq = Seq{1}, .event = 36});
  ASSERT_TRUE(last);
  ASSERT_EQ(last->size(), 1u);
  EXPECT_EQ(last->at(0).index(), 36u);
  Fold();
  EXPECT_EQ(receipts_.MakeAgain({.partition = Partition{0}, .seq = Seq{1}})->size(),
            kReceiptsPerReplyMax);
}

TEST_F(ReceiptsTest, NothingIsSignedThatContradictsWhatWas) {
  Begin();
  history_.Report(kGarage);
  history_.Emit();
  ASSERT_TRUE(Make({.partition = Partition{0}, .seq = Seq{1}}));
  const trail::Checkpoint other{.origin = trail::ReceiptsOrigin(kDeployment, 1),
                                .size = 1,
                                .root = trail::LeafHash("signed elsewhere")};
  ASSERT_TRUE(signer_.Sign(other, [](uint64_t) { return trail::Proof(); }));
  history_.Report(kGarage, kSchoolB);
  history_.Emit(kSchoolB);
  const ReceiptsWanted wanted[] = {{.partition = Partition{1}, .seq = Seq{1}},
                                   {.partition = Partition{0}, .seq = Seq{1}}};
  const auto made = receipts_.Make(wanted);
  ASSERT_FALSE(made[0]);
  EXPECT_EQ(made[0].error().reason, "SIGNED_OTHERWISE");
  EXPECT_TRUE(made[1]);  // each partition for itself
  Fold();
  EXPECT_EQ(receipts_.MakeAgain(wanted[0]).error().reason, "SIGNED_OTHERWISE");
}

TEST_F(ReceiptsTest, ANodeWithoutTheKeySaysSo) {
  history_.Report(kGarage);
  history_.Emit();
  Fold();
  names_.signer = nullptr;
  const auto made = Make({.partition = Partition{0}, .seq = Seq{1}});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason, "SIGNER_ELSEWHERE");
  EXPECT_EQ(receipts_.MakeAgain({.partition = Partition{0}, .seq = Seq{1}}).error().reason,
            "SIGNER_ELSEWHERE");
}

}  // namespace
}  // namespace jalon::api
