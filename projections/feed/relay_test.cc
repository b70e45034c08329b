// A relay leaves out nothing, whatever fails, and a consumer that follows the rule has each event
// once, in order.
#include "projections/feed/relay.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "eventstore/log/log_testing.h"
#include "projections/feed/feed_testing.h"
#include "projections/feed/outlet_testing.h"

namespace jalon::projections::testing {
namespace {

constexpr uint32_t kPartitions = 3;

class RelayTest : public ::testing::Test {
 protected:
  RelayTest() : birth_(eventstore::testing::TestBirth(kPartitions)), log_(birth_), writer_(log_) {}

  void Write(int records) {
    for (int i = 0; i < records; ++i) {
      const Partition partition{static_cast<uint32_t>(i) % kPartitions};
      const std::string tenant = "tenant-of-16-by" + std::to_string(partition.value);
      std::vector<log::v1::Event> events;
      for (int e = 0; e <= i % 3; ++e) events.push_back(FullEvent(72));
      for (auto& event : events) event.set_tenant(tenant);
      if (i % 5 == 0) writer_.Record(partition, {});
      writer_.Record(partition, events);
      if (i % 7 == 0) writer_.Copy(partition);
    }
  }

  // Steps until everything has arrived, or it stops; time goes on by a second each time.
  void Run(Relay& relay, int steps_max = 10'000) {
    for (int i = 0; i < steps_max && !relay.status().fault; ++i) {
      const bool more = relay.Step(now_ += std::chrono::seconds(1));
      const RelayStatus& status = relay.status();
      if (!more && status.running && !status.trouble && status.on_the_way == 0) return;
    }
  }

  // The ids of all events of the log, by partition.
  std::vector<std::string> AllIds() {
    std::vector<std::string> ids;
    for (uint32_t p = 0; p < kPartitions; ++p) {
      for (const FeedRecord& record : FeedOf(log_, birth_, Partition{p})) ids.push_back(record.id);
    }
    std::ranges::sort(ids);
    return ids;
  }
  std::vector<std::string> TakenIds() {
    std::vector<std::string> ids = TakeByRule(topic_).ids;
    std::ranges::sort(ids);
    return ids;
  }

  Micros now_{0};
  const eventstore::Birth birth_;
  eventstore::MemoryLog log_;
  LogWriter writer_;
  MemoryTopic topic_;
};

TEST_F(RelayTest, TellsEverythingOnceWhereNothingFails) {
  Write(50);
  MemoryOutlet outlet(topic_, 1);
  Relay relay(log_, outlet, birth_, [] {});
  Run(relay);
  EXPECT_EQ(TakenIds(), AllIds());
  EXPECT_EQ(TakeByRule(topic_).dropped, 0U);
  EXPECT_EQ(relay.status().delivered, AllIds().size());
  Write(10);
  Run(relay);
  EXPECT_EQ(TakenIds(), AllIds());
}

TEST_F(RelayTest, GoesOnFromWhereTheOneBeforeWas) {
  Write(50);
  {
    MemoryOutlet outlet(topic_, 1);
    Relay relay(log_, outlet, birth_, [] {});
    Run(relay);
    ASSERT_TRUE(relay.KeepNow());
  }
  const size_t before = topic_.messages.size();
  Write(4);
  MemoryOutlet outlet(topic_, 2);
  Relay relay(log_, outlet, birth_, [] {});
  Run(relay);
  EXPECT_EQ(relay.status().resumed, kPartitions);
  EXPECT_EQ(TakeByRule(topic_).dropped, 0U);  // nothing was told again
  EXPECT_GT(topic_.messages.size(), before);
  EXPECT_EQ(TakenIds(), AllIds());
}

TEST_F(RelayTest, KeepsNoPlaceBeyondWhatArrived) {
  Write(50);
  MemoryOutlet outlet(topic_, 1);
  outlet.arrives = 0;
  Relay relay(log_, outlet, birth_, [] {});
  for (int i = 0; i < 20; ++i) relay.Step(now_ += std::chrono::seconds(1));
  EXPECT_GT(relay.status().on_the_way, 0U);
  ASSERT_TRUE(relay.KeepNow());
  for (const auto& [partition, place] : topic_.places) {
    EXPECT_LE(place.next.value, 3U) << "beyond its first record";  // genesis, claim, barrier
  }
}

TEST_F(RelayTest, AnotherLifeOfTheLogIsToldFromItsFirstEvent) {
  Write(10);
  {
    MemoryOutlet outlet(topic_, 1);
    Relay relay(log_, outlet, birth_, [] {});
    Run(relay);
  }
  eventstore::Birth later = birth_;
  later.log_incarnation = "another life 16b";
  later.began_at = birth_.began_at + 1;
  eventstore::MemoryLog log(later);
  LogWriter writer(log);
  writer.Record(Partition{0}, {FullEvent(72)});
  const size_t before = TakeByRule(topic_).ids.size();
  MemoryOutlet outlet(topic_, 2);
  Relay relay(log, outlet, later, [] {});
  Run(relay);
  EXPECT_EQ(relay.status().resumed, 0U);
  EXPECT_EQ(TakeByRule(topic_).ids.size(), before + 1);  // greater than all of the life before
}

TEST_F(RelayTest, WaitsWhileTheOutletCannotBeReached) {
  Write(10);
  MemoryOutlet outlet(topic_, 1);
  outlet.unreachable = true;
  Relay relay(log_, outlet, birth_, [] {});
  Run(relay, 20);
  EXPECT_FALSE(relay.status().running);
  EXPECT_TRUE(relay.status().trouble);
  outlet.unreachable = false;
  Run(relay);
  outlet.unreachable = true;
  Write(10);
  Run(relay, 20);
  EXPECT_TRUE(relay.status().trouble);
  outlet.unreachable = false;
  Run(relay);
  EXPECT_FALSE(relay.status().trouble);
  EXPECT_EQ(TakenIds(), AllIds());
}

TEST_F(RelayTest, StopsWhereTheLogIsDamaged) {
  Write(10);
  MemoryOutlet outlet(topic_, 1);
  {
    Relay relay(log_, outlet, birth_, [] {});
    Run(relay);
    ASSERT_TRUE(relay.KeepNow());
  }
  log_.Truncate(Partition{1}, Offset{3}, eventstore::MemoryLog::Notice::kSilent);
  Relay relay(log_, outlet, birth_, [] {});
  Run(relay);
  ASSERT_TRUE(relay.status().fault);
  EXPECT_EQ(relay.status().fault->reason, "PARTITION_DIVERGED");
}

// Relays that are killed at any point, two at once, outlets that fail in the middle: a seed is a
// run.
class RelayStorm : public RelayTest, public ::testing::WithParamInterface<int> {};

TEST_P(RelayStorm, AConsumerHasEachEventOnce) {
  std::mt19937_64 random(static_cast<uint64_t>(GetParam()));
  const auto below = [&](uint64_t n) { return random() % n; };
  uint64_t failures = 0;
  uint64_t kills = 0;
  const auto fly = [&](double fails) {
    auto outlet = std::make_unique<MemoryOutlet>(topic_, random());
    outlet->fails = fails;
    outlet->arrives = 0.3;
    outlet->on_the_way_max = 1 + below(30);
    return outlet;
  };
  std::unique_ptr<MemoryOutlet> outlets[2] = {fly(0.1), fly(0.1)};
  std::unique_ptr<Relay> relays[2];
  for (int turn = 0; turn < 300; ++turn) {
    if (below(10) == 0) Write(static_cast<int>(below(8)));
    const size_t which = below(2);
    if (relays[which] == nullptr || below(40) == 0) {  // killed: what is on the way goes with it
      kills += relays[which] != nullptr ? 1 : 0;
      failures += outlets[which]->failures;
      relays[which].reset();
      outlets[which] = fly(0.1);
      relays[which] = std::make_unique<Relay>(log_, *outlets[which], birth_, [] {});
    }
    relays[which]->Step(now_ += std::chrono::milliseconds(200));
  }
  for (const auto& outlet : outlets) failures += outlet->failures;
  const auto last = fly(0);
  Relay relay(log_, *last, birth_, [] {});
  Run(relay);
  EXPECT_EQ(TakenIds(), AllIds());
  EXPECT_GT(TakeByRule(topic_).dropped, 0U) << "nothing was repeated: the storm did not bite";
  EXPECT_GT(failures, 0U);
  EXPECT_GT(kills, 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RelayStorm, ::testing::Range(0, 100));

}  // namespace
}  // namespace jalon::projections::testing
