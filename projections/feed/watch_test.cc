// A consumer that is sent the feed goes on from a position, or from a sequence, and misses nothing.
#include "projections/feed/watch.h"

#include <gtest/gtest.h>

#include "eventstore/base/hash.h"
#include "eventstore/log/log_testing.h"
#include "eventstore/log/partition.h"
#include "projections/feed/feed_testing.h"

namespace jalon::projections::testing {
namespace {

constexpr uint32_t kPartitions = 2;
const Bytes kOwn = "own school 16byt";
const Bytes kOther = "other school 16b";

class WatchTest : public ::testing::Test {
 protected:
  WatchTest() : birth_(eventstore::testing::TestBirth(kPartitions)), log_(birth_), writer_(log_) {}

  static Partition PlaceOf(const Bytes& school) {
    return eventstore::PartitionOf(ToHex(school), kPartitions);
  }
  static std::map<Bytes, Partition> Places(const std::vector<Bytes>& schools) {
    std::map<Bytes, Partition> places;
    for (const Bytes& school : schools) places[school] = PlaceOf(school);
    return places;
  }
  void Write(const Bytes& school, int records) {
    for (int i = 0; i < records; ++i) {
      log::v1::Event event = FullEvent(72);
      event.set_tenant(school);
      writer_.Record(PlaceOf(school), {event});
    }
  }
  std::unique_ptr<Watch> Open(WatchWish wish) {
    auto watch = Watch::Open(log_, birth_, std::move(wish), [this] { ++wakes_; });
    EXPECT_TRUE(watch) << watch.error().message;
    return std::move(*watch);
  }
  // Until there is nothing more, or it is done.
  static std::vector<std::string> Read(Watch& watch, bool* done = nullptr) {
    std::vector<std::string> sequences;
    while (true) {
      const auto batch = watch.Next();
      EXPECT_TRUE(batch) << batch.error().message;
      if (batch->read) watch.Rest();  // as while a consumer takes its time
      for (const FeedRecord& record : batch->records) sequences.push_back(record.sequence);
      if (done != nullptr) *done = batch->done;
      if (!batch->read || batch->done) return sequences;
    }
  }

  int wakes_ = 0;
  const eventstore::Birth birth_;
  eventstore::MemoryLog log_;
  LogWriter writer_;
};

TEST_F(WatchTest, TellsOneSchoolOnly) {
  Write(kOwn, 3);
  Write(kOther, 5);
  const auto watch = Open({.schools = Places({kOwn})});
  EXPECT_EQ(Read(*watch).size(), 3U);
  const auto both = Open({.schools = Places({kOwn, kOther})});
  EXPECT_EQ(Read(*both).size(), 8U);
}

TEST_F(WatchTest, IsWokenByWhatComesLater) {
  const auto watch = Open({.schools = Places({kOwn})});
  EXPECT_TRUE(Read(*watch).empty());
  EXPECT_EQ(wakes_, 0);
  Write(kOwn, 1);
  EXPECT_EQ(wakes_, 1);
  EXPECT_EQ(Read(*watch).size(), 1U);
}

TEST_F(WatchTest, GoesOnFromAnyPosition) {
  Write(kOwn, 700);  // more than one batch
  writer_.Claim(PlaceOf(kOwn));
  Write(kOwn, 5);
  const auto whole = Read(*Open({.schools = Places({kOwn})}));
  ASSERT_EQ(whole.size(), 705U);
  std::vector<std::string> pieces;
  std::string position;
  int calls = 0;
  while (pieces.size() < whole.size()) {
    const auto watch = Open({.schools = Places({kOwn}), .position = position});
    const auto batch = watch->Next();
    ASSERT_TRUE(batch) << batch.error().message;
    ASSERT_TRUE(batch->read);
    for (const FeedRecord& record : batch->records) pieces.push_back(record.sequence);
    position = watch->Position();
    EXPECT_LE(position.size(), kWatchPositionBytesMax);
    ++calls;
  }
  EXPECT_EQ(pieces, whole);
  EXPECT_GT(calls, 2);
}

TEST_F(WatchTest, GoesOnFromASequence) {
  Write(kOwn, 10);
  const auto whole = Read(*Open({.schools = Places({kOwn})}));
  const auto rest = Read(*Open({.schools = Places({kOwn}), .after = {{kOwn, whole[5]}}}));
  EXPECT_EQ(rest, std::vector<std::string>(whole.begin() + 6, whole.end()));
}

TEST_F(WatchTest, EndsAtWhatWasThereWhenItBegan) {
  Write(kOwn, 4);
  const auto watch = Open({.schools = Places({kOwn}), .until_now = true});
  bool done = false;
  EXPECT_EQ(Read(*watch, &done).size(), 4U);
  EXPECT_TRUE(done);
  bool at_once = false;
  const auto empty = Open({.schools = Places({kOther}), .until_now = true});
  Read(*empty, &at_once);
  EXPECT_TRUE(at_once);
}

TEST_F(WatchTest, RefusesAPositionThatIsNone) {
  Write(kOwn, 3);
  const auto reason = [&](std::string position) {
    auto watch =
        Watch::Open(log_, birth_, {.schools = Places({kOwn}), .position = position}, [] {});
    return watch ? std::string("none") : watch.error().reason;
  };
  EXPECT_EQ(reason("nonsense"), "FIELD_INVALID");
  const auto watch = Open({.schools = Places({kOwn})});
  Read(*watch);
  std::string position = watch->Position();
  EXPECT_EQ(reason(position), "none");
  position.back() = static_cast<char>(position.back() ^ 1);  // of the hash
  EXPECT_EQ(reason(position), "FIELD_INVALID");
  eventstore::Birth later = birth_;
  later.log_incarnation = "another life 16b";
  eventstore::MemoryLog restored(later);
  const auto another = Watch::Open(
      restored, later, {.schools = Places({kOwn}), .position = watch->Position()}, [] {});
  ASSERT_FALSE(another);
  EXPECT_EQ(another.error().reason, "POSITION_FROM_ANOTHER_LOG");
}

}  // namespace
}  // namespace jalon::projections::testing
