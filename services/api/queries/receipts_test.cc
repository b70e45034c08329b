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
  // Of another process, which begins where the views stand.
  Result<Receipts::Made> MakeAfresh(const ReceiptsWanted& wanted) {
    return Receipts(Parts(engine_)).Make({&wanted, 1}).front();
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

// From memory, and by one that begins after it, from the rows.
TEST_F(ReceiptsTest, EveryEntryOfEveryRecordHasOne) {
  Fold();
  EXPECT_EQ(Make({.partition = Partition{0}, .seq = Seq{2}}).error().reason, kNotCountedYet);
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
  const auto from_rows = Receipts(Parts(engine_)).Make(wanted);
  for (const auto& made : {from_memory, from_rows}) ExpectThoseOfEveryEntry(made);
}

TEST_F(ReceiptsTest, GoOnFromWhatWasSignedAsTheLogGrows) {
  std::vector<std::pair<Seq, uint64_t>> reported;
  for (uint64_t i = 0; i < 40; ++i) {
    for (uint64_t j = 0; j <= i % 20; ++j) history_.Report(kGarage);
    history_.Emit();
    Fold();
    const auto made = Make({.partition = Partition{0}, .seq = Seq{i + 1}});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->size(), i % 20 + 1);
  }
  // An old one, under a later checkpoint.
  const auto made = MakeAfresh({.partition = Partition{0}, .seq = Seq{1}});
  ASSERT_TRUE(made);
  EXPECT_TRUE(Proves(made->at(0), trail::TrailOrigin(kDeployment, kSchoolA, kGarage), 0,
                     history_.Entries(kGarage)[0], 0));
}

// Past groups of rows on three levels; each pass also proves an entry that lies far behind, most of
// which stands in the rows only, and what was let go of between.
TEST_F(ReceiptsTest, APassProvesNewEntriesAndOldOnes) {
  const std::string of_garage = trail::TrailOrigin(kDeployment, kSchoolA, kGarage);
  uint64_t reported = 0;
  const auto report = [&](uint64_t entries) {
    for (uint64_t j = 0; j < entries; ++j, ++reported) history_.Report(kGarage);
    history_.Emit();
  };
  report(100);
  Fold();
  for (uint64_t i = 1; reported < 600; ++i) {
    const uint64_t first = reported;
    report(i % 23 + 1);
    if (i % 3 == 0) Fold();
    const ReceiptsWanted wanted[] = {{.partition = Partition{0}, .seq = Seq{i + 1}},
                                     {.partition = Partition{0}, .seq = Seq{i / 2 + 1}}};
    const auto made = receipts_.Make(wanted);
    for (const auto& of_record : made) ASSERT_TRUE(of_record) << of_record.error().message;
    const auto& entries = history_.Entries(kGarage);
    for (uint64_t at = first; at < reported; ++at) {
      ASSERT_TRUE(Proves(made[0]->at(at - first), of_garage, at, entries[at], 0)) << at;
    }
    const Receipt& old = made[1]->front();
    ASSERT_TRUE(Proves(old, of_garage, old.index(), entries[old.index()], 0)) << old.index();
  }
}

TEST_F(ReceiptsTest, WhatIsNeitherInMemoryNorInTheRowsIsToBeAskedForAgain) {
  Fold();
  ASSERT_FALSE(Make({.partition = Partition{0}, .seq = Seq{1}}));
  for (int record = 0; record < 3; ++record) {
    for (size_t i = 0; i <= kTailLinesMax / 2; ++i) history_.Report(kGarage);
    history_.Emit();
  }
  const ReceiptsWanted first{.partition = Partition{0}, .seq = Seq{1}, .event = 3};
  EXPECT_EQ(Make(first).error().reason, "VIEW_BEHIND");
  EXPECT_TRUE(Make({.partition = Partition{0}, .seq = Seq{3}}));
  Fold();
  const auto made = Make(first);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(Proves(made->at(0), trail::TrailOrigin(kDeployment, kSchoolA, kGarage), 3,
                     history_.Entries(kGarage)[3], 0));
}

TEST_F(ReceiptsTest, OfAnotherLifeOfTheLogThereAreNone) {
  history_.Report(kGarage);
  history_.Emit();
  Fold();
  EXPECT_EQ(
      Make({.partition = Partition{0}, .seq = Seq{1}, .log_incarnation = "another"}).error().reason,
      kAnotherLog);
}

// Views whose first leaf of each tree is another one, for as long as that is wanted: those of a
// view that was built anew since.
class OtherViews final : public Views {
 public:
  explicit OtherViews(Views& views) : views_(views) {}
  Result<std::unique_ptr<Reader>> Read(Partition partition, const Bytes& school_id) override {
    JALON_ASSIGN_OR_RETURN(auto reader, views_.Read(partition, school_id));
    if (!is_other) return reader;
    return std::make_unique<OtherReader>(std::move(reader));
  }
  void Await(Partition partition, std::string_view log_incarnation, Seq seq, Micros deadline,
             Done done) override {
    views_.Await(partition, log_incarnation, seq, deadline, std::move(done));
  }

  bool is_other = true;

 private:
  class OtherReader final : public Reader {
   public:
    explicit OtherReader(std::unique_ptr<Reader> reader) : reader_(std::move(reader)) {}
    const type::v1::AsOf& as_of() const override { return reader_->as_of(); }
    const eventstore::ChainHead& head() const override { return reader_->head(); }
    Result<std::optional<std::string>> Get(std::string_view view,
                                           std::string_view key) const override {
      return reader_->Get(view, key);
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
  };

  Views& views_;
};

TEST_F(ReceiptsTest, FromDamagedRowsItDoesNotBegin) {
  OtherViews views(engine_);
  Receipts receipts(Parts(views));
  history_.Report(kGarage);
  history_.Emit();
  Fold();
  const ReceiptsWanted first[] = {{.partition = Partition{0}, .seq = Seq{1}}};
  EXPECT_EQ(receipts.Make(first)[0].error().code, Code::kDataLoss);
  views.is_other = false;  // built anew
  const auto made = receipts.Make(first);
  ASSERT_TRUE(made[0]) << made[0].error().message;
  EXPECT_TRUE(Proves(made[0]->at(0), trail::TrailOrigin(kDeployment, kSchoolA, kGarage), 0,
                     history_.Entries(kGarage)[0], 0));
}

TEST_F(ReceiptsTest, DamagedRowsGiveNoReceipt) {
  OtherViews views(engine_);
  views.is_other = false;
  Receipts receipts(Parts(views));
  for (size_t i = 0; i < projections::kTreeGroup; ++i) history_.Report(kGarage);
  history_.Emit();
  Fold();
  const ReceiptsWanted old[] = {{.partition = Partition{0}, .seq = Seq{1}}};
  ASSERT_TRUE(receipts.Make(old)[0]);
  views.is_other = true;  // its own row is whole, and one that its proof is made of is not
  const ReceiptsWanted last[] = {{.partition = Partition{0}, .seq = Seq{1}, .event = 15}};
  EXPECT_EQ(receipts.Make(last)[0].error().code, Code::kDataLoss);
  views.is_other = false;
  EXPECT_TRUE(receipts.Make(last)[0]);
}

// It began from views that were put back or built wrong, and goes on once they are built anew.
TEST_F(ReceiptsTest, WhatContradictsWhatWasSignedIsBegunAgain) {
  history_.Report(kGarage);
  history_.Emit();
  Fold();
  const trail::Checkpoint other{.origin = trail::ReceiptsOrigin(kDeployment, 0),
                                .size = 1,
                                .root = trail::LeafHash("signed elsewhere")};
  ASSERT_TRUE(signer_.Sign(other, [](uint64_t) { return trail::Proof(); }));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Make({.partition = Partition{0}, .seq = Seq{1}}).error().reason, "SIGNED_OTHERWISE");
    history_.Report(kGarage);
    history_.Emit();
  }
}

TEST_F(ReceiptsTest, AReplyDoesNotGrowWithItsRecord) {
  for (size_t i = 0; i < kReceiptsPerReplyMax + 5; ++i) history_.Report(kGarage);
  history_.Emit();
  Fold();
  EXPECT_EQ(Make({.partition = Partition{0}, .seq = Seq{1}})->size(), kReceiptsPerReplyMax);
  const auto last = Make({.partition = Partition{0}, .seq = Seq{1}, .event = 36});
  ASSERT_TRUE(last);
  ASSERT_EQ(last->size(), 1u);
  EXPECT_EQ(last->at(0).index(), 36u);
}

TEST_F(ReceiptsTest, NothingIsSignedThatContradictsWhatWas) {
  history_.Report(kGarage);
  history_.Emit();
  Fold();
  ASSERT_TRUE(Make({.partition = Partition{0}, .seq = Seq{1}}));
  const trail::Checkpoint other{.origin = trail::ReceiptsOrigin(kDeployment, 1),
                                .size = 1,
                                .root = trail::LeafHash("signed elsewhere")};
  ASSERT_TRUE(signer_.Sign(other, [](uint64_t) { return trail::Proof(); }));
  history_.Report(kGarage, kSchoolB);
  history_.Emit(kSchoolB);
  Fold();
  const ReceiptsWanted wanted[] = {{.partition = Partition{1}, .seq = Seq{1}},
                                   {.partition = Partition{0}, .seq = Seq{1}}};
  const auto made = receipts_.Make(wanted);
  ASSERT_FALSE(made[0]);
  EXPECT_EQ(made[0].error().reason, "SIGNED_OTHERWISE");
  EXPECT_TRUE(made[1]);  // each partition for itself
}

TEST_F(ReceiptsTest, ANodeWithoutTheKeySaysSo) {
  history_.Report(kGarage);
  history_.Emit();
  Fold();
  names_.signer = nullptr;
  const auto made = Make({.partition = Partition{0}, .seq = Seq{1}});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason, "SIGNER_ELSEWHERE");
}

}  // namespace
}  // namespace jalon::api
