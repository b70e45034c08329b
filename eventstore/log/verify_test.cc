#include "eventstore/log/verify.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "eventstore/base/limits.h"
#include "eventstore/log/log_testing.h"
#include "eventstore/log/memory/memory_log.h"

namespace jalon::eventstore {
namespace {

using testing::Feed;
using testing::NextClaim;
using testing::NextRecord;
using testing::TestBirth;

// A log of two partitions whose first is written to record by record.
class VerifyTest : public ::testing::Test {
 protected:
  VerifyTest() {
    Feed(head_, EncodeGenesis(GenesisOf(birth_, kFirst)), 0);
    Add(EncodeClaim(NextClaim(head_)));
  }

  void Add(const Blob& entry) {
    log_.Forge(kFirst, entry);
    Feed(head_, entry, log_.Head(kFirst)->value - 1);
  }
  // Adds the record that comes next, changed.
  void AddRecord(const std::function<void(log::v1::Record&)>& change = [](auto&) {}) {
    log::v1::Record record = NextRecord(head_);
    change(record);
    Add(EncodeRecord(record));
  }
  static void ChangeEvent(log::v1::Record& record,
                          const std::function<void(log::v1::Event&)>& change) {
    log::v1::Event event;
    ASSERT_TRUE(event.ParseFromString(record.events(0)));
    change(event);
    record.set_events(0, event.SerializeAsString());
  }
  void AddTrailEvent(uint64_t index, int64_t late = 0, size_t bytes = 1) {
    AddRecord([&](log::v1::Record& record) {
      ChangeEvent(record, [&](log::v1::Event& event) {
        event.mutable_trail()->set_key("company");
        event.mutable_trail()->set_index(index);
        event.mutable_trail()->set_recorded_at(record.recorded_at() + late);
        event.set_payload(std::string(bytes, 'x'));
      });
    });
  }
  std::vector<std::string> Findings() {
    const VerifyReport report = VerifyLog(log_).value();
    std::vector<std::string> findings;
    findings.reserve(report.findings.size());
    for (const Finding& finding : report.findings) findings.push_back(finding.what);
    return findings;
  }

  static constexpr Partition kFirst{0};
  const Birth birth_ = TestBirth(2);
  MemoryLog log_{birth_};
  ChainHead head_;
};

using Words = std::vector<std::string>;

TEST_F(VerifyTest, ASoundLogIsCounted) {
  AddRecord();
  const Blob zombie = EncodeRecord(NextRecord(head_));
  Add(EncodeClaim(NextClaim(head_)));
  Add(zombie);
  AddRecord();
  AddRecord([](log::v1::Record& barrier) { barrier.clear_events(); });
  uint64_t told = 0;
  const auto report = VerifyLog(log_, [&](uint64_t done, uint64_t total) {
    EXPECT_EQ(total, 8u);
    told = done;
    return true;
  });
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->Sound());
  EXPECT_EQ(told, 8u);
  const PartitionReport& first = report->partitions[0];
  EXPECT_EQ(first.entries, 7u);
  EXPECT_EQ(first.records, 3u);
  EXPECT_EQ(first.barriers, 1u);
  EXPECT_EQ(first.events, 2u);
  EXPECT_EQ(first.claims, 2u);
  EXPECT_EQ(first.voids, 1u);
  EXPECT_EQ(first.head, head_);
  EXPECT_EQ(report->partitions[1].entries, 1u);
}

TEST_F(VerifyTest, FindsABrokenChainAndReadsNoFurtherThere) {
  AddRecord();
  log::v1::Record foreign = NextRecord(head_);
  foreign.set_prev_hash(std::string(32, 'x'));
  log_.Forge(kFirst, EncodeRecord(foreign));
  log_.Forge(kFirst, testing::MakeBlob("no entry at all"));
  const auto report = VerifyLog(log_);
  EXPECT_EQ(report->findings_total, 1u);
  EXPECT_EQ(report->findings[0].offset.value, 3u);
  EXPECT_EQ(report->findings[0].what, "the chain of hashes breaks: it diverged here");
  EXPECT_EQ(report->partitions[0].entries, 5u);
}

TEST_F(VerifyTest, FindsWhatIsNoEntry) {
  log_.Forge(kFirst, testing::MakeBlob("no entry at all"));
  ASSERT_EQ(Findings().size(), 1u);
  EXPECT_TRUE(Findings()[0].starts_with("the bytes of an entry are damaged"));
}

TEST_F(VerifyTest, FindsAnEntryOfANewerLevel) {
  log::v1::Record record = NextRecord(head_);
  record.set_level(limits::kLevel + 1);
  log_.Forge(kFirst, EncodeRecord(record));
  EXPECT_EQ(Findings(), Words{"it was written for a newer version of this program"});
}

TEST_F(VerifyTest, FindsVersionsWithAGap) {
  AddRecord();
  AddRecord([](log::v1::Record& record) {
    ChangeEvent(record, [](log::v1::Event& event) { event.set_version(3); });
  });
  EXPECT_EQ(Findings(), Words{"aggregate 61 of kind 0: version 3 where 2 comes next"});
}

TEST_F(VerifyTest, VersionsAreOfOneTenantKindAndAggregate) {
  const auto other = [this](const std::function<void(log::v1::Event&)>& change) {
    AddRecord([&](log::v1::Record& record) {
      ChangeEvent(record, [&](log::v1::Event& event) {
        event.set_version(1);
        change(event);
      });
    });
  };
  AddRecord();
  other([](log::v1::Event& event) { event.set_aggregate("b"); });
  other([](log::v1::Event& event) { event.set_aggregate_kind(2); });
  EXPECT_EQ(Findings(), Words{});
}

TEST_F(VerifyTest, FindsTrailsWithAGap) {
  AddTrailEvent(0);
  AddTrailEvent(1);
  AddTrailEvent(3);
  AddTrailEvent(4);
  EXPECT_EQ(Findings(), Words{"trail 636f6d70616e79: index 3 where 2 comes next"});
}

TEST_F(VerifyTest, FindsATrailEntryOfAnotherTimeOrSize) {
  AddTrailEvent(0, 1);
  AddTrailEvent(1, 0, limits::kTrailEventBytesMax);
  EXPECT_EQ(Findings(), (Words{"a trail entry has another time than its record",
                               "a trail event is over its limit"}));
}

TEST_F(VerifyTest, FindsTimeThatGoesBack) {
  AddRecord([](log::v1::Record& record) { record.set_recorded_at(100); });
  AddRecord([](log::v1::Record& record) { record.set_recorded_at(100); });
  AddRecord([](log::v1::Record& record) { record.set_recorded_at(99); });
  EXPECT_EQ(Findings(), Words{"recorded_at goes back from 100 to 99"});
}

TEST_F(VerifyTest, FindsEventsThatAreNoneOrForeign) {
  AddRecord([](log::v1::Record& record) { record.set_events(0, "\xff"); });
  AddRecord([](log::v1::Record& record) {
    ChangeEvent(record, [](log::v1::Event& event) {
      event.set_tenant("another tenant");
      event.set_version(1);
    });
  });
  EXPECT_EQ(Findings(),
            (Words{"an event cannot be parsed", "an event is of another tenant than its record"}));
}

TEST_F(VerifyTest, FindsAPartitionOfAnotherBirth) {
  Birth other = birth_;
  other.log_incarnation = std::string(16, 'o');
  log_.Truncate(Partition{1}, Offset{0}, MemoryLog::Notice::kTold);
  log_.Forge(Partition{1}, EncodeGenesis(GenesisOf(other, Partition{1})));
  EXPECT_EQ(Findings(), Words{"its genesis is of another birth than partition 0's"});
}

TEST_F(VerifyTest, StopsWhenCancelled) {
  EXPECT_EQ(VerifyLog(log_, [](uint64_t, uint64_t) { return false; }).error().code,
            Code::kCancelled);
}

TEST_F(VerifyTest, KeepsTheFirstFindingsAndCountsAll) {
  for (int i = 0; i < 150; ++i) {
    AddRecord([i](log::v1::Record& record) {
      record.set_recorded_at(1000 - i);
      record.clear_events();
    });
  }
  const auto report = VerifyLog(log_);
  EXPECT_EQ(report->findings.size(), VerifyReport::kFindingsMax);
  EXPECT_EQ(report->findings_total, 149u);
}

}  // namespace
}  // namespace jalon::eventstore
