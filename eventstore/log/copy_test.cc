#include "eventstore/log/copy.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "eventstore/log/ancestry.h"
#include "eventstore/log/log_testing.h"
#include "eventstore/log/memory/memory_log.h"
#include "eventstore/log/record.h"

namespace jalon::eventstore {
namespace {

using testing::Feed;
using testing::NextClaim;
using testing::NextRecord;
using testing::ReadAll;
using testing::TestBirth;
using testing::TestBirthWithSystem;

constexpr uint32_t kTenantPartitions = 2;
constexpr uint32_t kPartitions = 3;
constexpr Partition kFilled{1};
const Bytes kSecondLife = "the second life.";
const Bytes kThirdLife = "the third life..";
const Bytes kAnother = "another life....";

std::vector<std::string> BytesOf(Log& log, Partition partition) {
  std::vector<std::string> all;
  for (const StoredEntry& entry : ReadAll(log, partition)) all.push_back(*entry.bytes);
  return all;
}

// A log whose second partition has records of two epochs, and entries that do not count.
class CopyTest : public ::testing::Test {
 protected:
  CopyTest() {
    Feed(head_, ReadAll(source_, kFilled, Offset{0})[0].bytes, 0);
    Add(EncodeClaim(NextClaim(head_)));
    for (int i = 0; i < 20; ++i) AddRecord();
    const Blob zombie = EncodeRecord(NextRecord(head_));
    Add(EncodeClaim(NextClaim(head_, "another nonce...")));
    AddVoid(zombie);
    AddRecord();
    AddVoid(MakeCopyOfLast());
    AddRecord();
  }

  void Add(const Blob& entry) {
    ASSERT_TRUE(source_.Append(kFilled, {entry}));
    ASSERT_EQ(Feed(head_, entry, offset_++), Fate::kCounted);
    counted_.push_back(*entry);
  }
  void AddRecord() { Add(EncodeRecord(NextRecord(head_))); }
  void AddVoid(const Blob& entry) {
    ASSERT_TRUE(source_.Append(kFilled, {entry}));
    ASSERT_EQ(Feed(head_, entry, offset_++), Fate::kVoid);
  }
  Blob MakeCopyOfLast() const { return testing::MakeBlob(counted_.back()); }

  CopyPlan Plan() { return PlanCopy(source_, {kSecondLife, 0}).value(); }
  static Result<Ancestry> AncestryOf(MemoryLog& log) {
    return Ancestry::Read(log, BirthOf(ReadGenesis(log, Partition{0}).value()));
  }

  MemoryLog source_{TestBirthWithSystem(kTenantPartitions)};
  ChainHead head_;
  uint64_t offset_ = 1;
  std::vector<std::string> counted_;  // behind the genesis
};

TEST_F(CopyTest, WhatCountsIsThereByteForByteAndNothingElse) {
  const CopyPlan plan = Plan();
  EXPECT_EQ(plan.voids, 2u);
  EXPECT_EQ(plan.entries, counted_.size() + kPartitions);
  MemoryLog copy(plan.geneses);
  ASSERT_TRUE(CopyEntries(source_, copy, plan));
  ASSERT_TRUE(CheckCopy(copy, plan));
  EXPECT_EQ(BytesOf(copy, kFilled), counted_);
  const VerifyReport report = VerifyLog(copy).value();
  EXPECT_EQ(report.partitions[1].head.hash, head_.hash);
  EXPECT_EQ(report.partitions[1].head.epoch_id, head_.epoch_id);
  EXPECT_EQ(report.partitions[1].records, 22u);
  EXPECT_EQ(report.partitions.size(), kPartitions);

  // It goes on: the next claim and record count there as they would have in the source.
  ChainHead next = report.partitions[1].head;
  const uint64_t end = copy.Head(kFilled)->value;
  EXPECT_EQ(Feed(next, EncodeClaim(NextClaim(next)), end), Fate::kCounted);
  EXPECT_EQ(Feed(next, EncodeRecord(NextRecord(next)), end + 1), Fate::kCounted);
}

TEST_F(CopyTest, OneThatDidNotEndIsKnownAndGoneOnWith) {
  const CopyPlan plan = Plan();
  // After every number of entries at which it may have died.
  for (uint64_t there = 0; there < counted_.size(); ++there) {
    MemoryLog copy(plan.geneses);
    for (uint64_t i = 0; i < there; ++i) {
      ASSERT_TRUE(copy.Append(kFilled, {testing::MakeBlob(counted_[i])}));
    }
    EXPECT_EQ(AncestryOf(copy).error().reason, "COPY_UNFINISHED") << there;
    EXPECT_FALSE(VerifyLog(copy)->Sound());
    EXPECT_EQ(PlanCopy(copy, {kThirdLife, 0}).error().reason, "LOG_CORRUPT");
    ASSERT_TRUE(CopyEntries(source_, copy, plan));
    ASSERT_TRUE(CheckCopy(copy, plan));
    EXPECT_TRUE(AncestryOf(copy));
    EXPECT_EQ(BytesOf(copy, kFilled), counted_);
  }
}

TEST_F(CopyTest, ItIsCancelledAndGoneOnWith) {
  const CopyPlan plan = Plan();
  MemoryLog copy(plan.geneses);
  const auto stop = [](uint64_t, uint64_t) { return false; };
  EXPECT_EQ(PlanCopy(source_, {kSecondLife, 0}, stop).error().reason, "CANCELLED");
  EXPECT_EQ(CopyEntries(source_, copy, plan, stop).error().reason, "CANCELLED");
  EXPECT_EQ(AncestryOf(copy).error().reason, "COPY_UNFINISHED");
  ASSERT_TRUE(CopyEntries(source_, copy, plan));
  EXPECT_TRUE(CheckCopy(copy, plan));
}

TEST_F(CopyTest, ATargetWithAnythingElseIsLeftAlone) {
  const CopyPlan plan = Plan();
  MemoryLog other(plan.geneses);
  ASSERT_TRUE(other.Append(kFilled, {testing::MakeBlob("something else")}));
  EXPECT_EQ(CopyEntries(source_, other, plan).error().reason, "LOG_EXISTS");
  EXPECT_EQ(other.Head(kFilled)->value, 2u);

  MemoryLog served(plan.geneses);  // the copy, which was written to since
  ASSERT_TRUE(CopyEntries(source_, served, plan));
  ASSERT_TRUE(served.Append(kFilled, {EncodeClaim(NextClaim(head_))}));
  EXPECT_EQ(CopyEntries(source_, served, plan).error().reason, "LOG_EXISTS");
  EXPECT_EQ(CheckCopy(served, plan).error().reason, "LOG_CORRUPT");
}

TEST_F(CopyTest, ADamagedSourceIsNotCopied) {
  log::v1::Record damaged = NextRecord(head_);
  damaged.set_prev_hash(std::string(32, 'x'));
  source_.Forge(kFilled, EncodeRecord(damaged));
  const auto plan = PlanCopy(source_, {kSecondLife, 0});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().reason, "LOG_CORRUPT");
  EXPECT_NE(plan.error().message.find("partition 1 offset"), std::string::npos);
}

TEST_F(CopyTest, ASourceThatIsWrittenToMeanwhileIsFoundOut) {
  const CopyPlan plan = Plan();
  MemoryLog copy(plan.geneses);
  bool wrote = false;
  const auto copied = CopyEntries(source_, copy, plan, [&](uint64_t, uint64_t) {
    if (!wrote) AddRecord();
    wrote = true;
    return true;
  });
  EXPECT_EQ(copied.error().reason, "LOG_CHANGED");
  // In a partition that was copied already, too.
  MemoryLog later(Plan().geneses);
  const CopyPlan again = Plan();
  const auto late = CopyEntries(source_, later, again, [&](uint64_t done, uint64_t) {
    if (done > counted_.size()) {
      EXPECT_TRUE(source_.Append(Partition{0}, {testing::MakeBlob("a claim")}));
    }
    return true;
  });
  EXPECT_EQ(late.error().reason, "LOG_CHANGED");
}

TEST_F(CopyTest, PositionsOfEachAncestorAreTheCopysAsFarAsItWasCopied) {
  const CopyPlan plan = Plan();
  MemoryLog copy(plan.geneses);
  ASSERT_TRUE(CopyEntries(source_, copy, plan));
  // The copy goes on, and is copied itself.
  ChainHead head = VerifyLog(copy)->partitions[1].head;
  for (const Blob& entry : {EncodeClaim(NextClaim(head))}) {
    ASSERT_TRUE(copy.Append(kFilled, {entry}));
    Feed(head, entry, copy.Head(kFilled)->value - 1);
  }
  ASSERT_TRUE(copy.Append(kFilled, {EncodeRecord(NextRecord(head))}));
  const CopyPlan next = PlanCopy(copy, {kThirdLife, 0}).value();
  MemoryLog third(next.geneses);
  ASSERT_TRUE(CopyEntries(copy, third, next));
  ASSERT_TRUE(CheckCopy(third, next));

  const Bytes first_life = TestBirth().log_incarnation;
  const Ancestry ancestry = AncestryOf(third).value();
  EXPECT_EQ(ancestry.log_incarnation(), kThirdLife);
  EXPECT_TRUE(ancestry.Holds(first_life, kFilled, Seq{22}));
  EXPECT_FALSE(ancestry.Holds(first_life, kFilled, Seq{23}));
  EXPECT_TRUE(ancestry.Holds(kSecondLife, kFilled, Seq{23}));
  EXPECT_FALSE(ancestry.Holds(kSecondLife, kFilled, Seq{24}));
  EXPECT_TRUE(ancestry.Holds(first_life, Partition{0}, Seq{0}));
  EXPECT_FALSE(ancestry.Holds(first_life, Partition{0}, Seq{1}));
  EXPECT_FALSE(ancestry.Holds(first_life, Partition{kPartitions}, Seq{0}));
  EXPECT_FALSE(ancestry.Holds(kAnother, kFilled, Seq{1}));
  EXPECT_FALSE(AncestryOf(source_)->Holds(first_life, kFilled, Seq{1}));
}

TEST_F(CopyTest, ACopyWhoseBytesAreNotThoseItNamesIsNotServed) {
  CopyPlan plan = Plan();
  plan.geneses[1].mutable_ancestors(0)->set_hash(std::string(32, 'x'));
  MemoryLog copy(plan.geneses);
  ASSERT_TRUE(CopyEntries(source_, copy, plan));
  EXPECT_EQ(AncestryOf(copy).error().reason, "PARTITION_DIVERGED");
  EXPECT_EQ(CheckCopy(copy, plan).error().reason, "LOG_CORRUPT");
}

TEST_F(CopyTest, ABackupOfACopyTakesNoPositionsOfBefore) {
  const log::v1::Genesis copied = Plan().geneses[1];
  EXPECT_TRUE(IsGenesisOf(copied, BirthOf(copied), kFilled));
  const log::v1::Genesis restored = Restored(copied, {kThirdLife, 0});
  EXPECT_TRUE(restored.ancestors().empty());
  EXPECT_EQ(restored.origin(), copied.origin());
  EXPECT_TRUE(IsGenesisOf(restored, BirthOf(restored), kFilled));
  log::v1::Genesis without_origin = copied;
  without_origin.clear_origin();
  EXPECT_FALSE(IsGenesisOf(without_origin, BirthOf(without_origin), kFilled));
}

}  // namespace
}  // namespace jalon::eventstore
