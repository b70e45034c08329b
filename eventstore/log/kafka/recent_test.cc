// When an entry that came from the brokers may be seen.
#include "eventstore/log/kafka/recent.h"

#include <gtest/gtest.h>

#include <string>

namespace jalon::eventstore::kafka {
namespace {

constexpr Partition kPartition{1};

class RecentTest : public ::testing::Test {
 protected:
  // The entries of these offsets came; whether more is to be seen.
  bool Came(uint64_t from, uint64_t end) {
    std::vector<StoredEntry> entries;
    for (uint64_t at = from; at < end; ++at) {
      entries.push_back(
          {kPartition, Offset{at}, std::make_shared<const std::string>(std::to_string(at))});
    }
    return !recent_.Publish(std::move(entries)).empty();
  }
  std::string Seen(uint64_t from) const {
    std::vector<StoredEntry> entries;
    ReadBudget budget({});
    if (!recent_.Read(kPartition, from, budget, &entries)) return "ask the brokers";
    std::string seen;
    for (const StoredEntry& entry : entries) seen += *entry.bytes + ' ';
    return seen;
  }

  Recent recent_{{.entries_max = 4, .bytes_max = 1000}, {0, 10}};
};

TEST_F(RecentTest, WhatOthersWroteIsSeenAsItComes) {
  EXPECT_EQ(recent_.Visible(kPartition), 10u);
  EXPECT_TRUE(Came(10, 12));
  EXPECT_EQ(Seen(10), "10 11 ");
  EXPECT_EQ(Seen(12), "");
  EXPECT_EQ(Seen(9), "ask the brokers");
}

TEST_F(RecentTest, WhatIsOnItsWayWaitsForItsReport) {
  recent_.HandedOver(kPartition);
  recent_.HandedOver(kPartition);
  EXPECT_FALSE(Came(10, 12));
  EXPECT_EQ(Seen(10), "");
  EXPECT_TRUE(recent_.Delivered(kPartition, Offset{10}));
  EXPECT_EQ(Seen(10), "10 ");
  EXPECT_TRUE(recent_.Delivered(kPartition, Offset{11}));
  EXPECT_EQ(Seen(10), "10 11 ");
}

TEST_F(RecentTest, AReportThatComesFirstWaitsForItsEntry) {
  recent_.HandedOver(kPartition);
  EXPECT_FALSE(recent_.Delivered(kPartition, Offset{10}));
  EXPECT_TRUE(Came(10, 11));
}

TEST_F(RecentTest, AfterAFailedReportALaterOneTells) {
  recent_.HandedOver(kPartition);
  EXPECT_FALSE(Came(10, 11));
  EXPECT_FALSE(recent_.Undelivered(kPartition));
  EXPECT_EQ(Seen(10), "");  // it is there, but perhaps on one broker only
  EXPECT_FALSE(Came(11, 12));
  recent_.HandedOver(kPartition);
  EXPECT_TRUE(recent_.Delivered(kPartition, Offset{11}));
  EXPECT_EQ(Seen(10), "10 11 ");
}

TEST_F(RecentTest, AfterAFailedReportEnoughReplicasTell) {
  recent_.HandedOver(kPartition);
  EXPECT_FALSE(Came(10, 11));
  EXPECT_FALSE(recent_.Undelivered(kPartition));
  EXPECT_TRUE(recent_.Trust(kPartition, recent_.Doubts()[kPartition.value]));
  EXPECT_EQ(Seen(10), "10 ");
}

TEST_F(RecentTest, ReplicasThatWereAskedForBeforeAReportFailedTellNothing) {
  recent_.HandedOver(kPartition);
  EXPECT_FALSE(Came(10, 11));
  const uint64_t before = recent_.Doubts()[kPartition.value];
  EXPECT_FALSE(recent_.Undelivered(kPartition));
  EXPECT_FALSE(recent_.Trust(kPartition, before));
  EXPECT_EQ(Seen(10), "");
}

TEST_F(RecentTest, KeepsTheLastWhenItIsEvicted) {
  EXPECT_TRUE(Came(10, 20));
  EXPECT_EQ(recent_.First(kPartition), 16u);
  EXPECT_EQ(Seen(15), "ask the brokers");
  EXPECT_EQ(Seen(16), "16 17 18 19 ");
  EXPECT_EQ(recent_.Last(kPartition)->offset, Offset{19});
}

TEST_F(RecentTest, WhatComesTwiceIsTakenOnce) {
  EXPECT_TRUE(Came(10, 12));
  EXPECT_TRUE(Came(11, 13));
  EXPECT_EQ(Seen(10), "10 11 12 ");
  EXPECT_FALSE(recent_.Fault(kPartition));
}

TEST_F(RecentTest, AnOffsetThatIsMissingIsAFault) {
  EXPECT_TRUE(Came(10, 11));
  EXPECT_TRUE(Came(12, 13));
  EXPECT_EQ(recent_.Fault(kPartition)->reason, "PARTITION_DIVERGED");
  EXPECT_EQ(Seen(10), "10 ");
  EXPECT_FALSE(recent_.Fault(Partition{0}));
}

}  // namespace
}  // namespace jalon::eventstore::kafka
