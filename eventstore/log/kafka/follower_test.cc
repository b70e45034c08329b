// What a follower sees that is too far behind to read from memory.
#include "eventstore/log/kafka/follower.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "eventstore/log/kafka/mock_brokers_testing.h"
#include "eventstore/log/log_testing.h"

namespace jalon::eventstore::kafka {
namespace {

using std::chrono::steady_clock;
constexpr Partition kPartition{0};
constexpr std::chrono::milliseconds kWhile{500};
constexpr std::chrono::seconds kPatience{20};

class FollowerTest : public ::testing::Test {
 protected:
  FollowerTest() {
    testing::MockBrokers::Write(options_, kPartition, texts_);
    recent_.HandedOver(kPartition);
    std::vector<StoredEntry> came;
    for (size_t i = 0; i < texts_.size(); ++i) {
      if (i > 0) recent_.HandedOver(kPartition);
      came.push_back({kPartition, Offset{i}, testing::MakeBlob(texts_[i])});
    }
    EXPECT_TRUE(recent_.Publish(std::move(came)).empty());
  }

  // What is seen until it is this much, or the time is over.
  std::string See(size_t count, std::chrono::milliseconds most) {
    std::string seen;
    size_t entries = 0;
    for (const auto last = steady_clock::now() + most;
         entries < count && steady_clock::now() < last;) {
      const auto polled = follower_.Poll({});
      if (!polled) return polled.error().message;
      for (const StoredEntry& entry : *polled) seen += *entry.bytes;
      entries += polled->size();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return seen;
  }

  const std::vector<std::string> texts_ = {"a", "b", "c", "d"};
  const testing::MockBrokers brokers_{1};
  const KafkaOptions options_ = brokers_.NewLog(1);
  Recent recent_{{.entries_max = 1, .bytes_max = 1000}, {0}};
  Readers readers_{options_};
  Reach reach_{1, nullptr};
  Watchers watchers_{1};
  KafkaFollower follower_{{recent_, readers_, reach_, watchers_}, {{kPartition, Offset{0}}}, [] {}};
};

// What came is evicted before its delivery report: the brokers have it, and one of them only,
// perhaps.
TEST_F(FollowerTest, OneThatIsBehindSeesNoMoreThanWhatMayBeSeen) {
  ASSERT_EQ(recent_.First(kPartition), 3U);
  ASSERT_EQ(recent_.Visible(kPartition), 0U);
  EXPECT_EQ(See(1, kWhile), "");
  EXPECT_TRUE(recent_.Delivered(kPartition, Offset{0}));
  EXPECT_TRUE(recent_.Delivered(kPartition, Offset{1}));
  EXPECT_EQ(See(2, kPatience), "ab");
  EXPECT_EQ(See(1, kWhile), "");
  EXPECT_FALSE(recent_.Undelivered(kPartition));
  EXPECT_EQ(See(1, kWhile), "");
  EXPECT_TRUE(recent_.Delivered(kPartition, Offset{3}));
  EXPECT_EQ(See(2, kPatience), "cd");
}

}  // namespace
}  // namespace jalon::eventstore::kafka
