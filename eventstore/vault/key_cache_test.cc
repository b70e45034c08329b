#include "eventstore/vault/key_cache.h"

#include <gtest/gtest.h>

namespace jalon::eventstore {
namespace {

using std::chrono::seconds;

PersonKeyPtr Key() { return std::make_shared<PersonKey>(PersonKey{"key-id-1", Secret::Random()}); }

TEST(KeyCacheTest, ForgetsWithinAMinuteHoweverOftenItIsAsked) {
  ManualClock clock(Micros(0));
  KeyCache cache(clock);
  cache.Put("row", Key());
  for (int i = 0; i < 29; ++i) {
    clock.Advance(seconds(1));
    EXPECT_NE(cache.Find("row"), nullptr);
  }
  for (int i = 0; i < 31; ++i) {
    clock.Advance(seconds(1));
    static_cast<void>(cache.Find("row"));
  }
  EXPECT_EQ(cache.Find("row"), nullptr);
}

TEST(KeyCacheTest, DropsAtOnce) {
  ManualClock clock(Micros(0));
  KeyCache cache(clock);
  cache.Put("row", Key());
  cache.Drop("row");
  EXPECT_EQ(cache.Find("row"), nullptr);
}

TEST(KeyCacheTest, TakesNothingThatMayHaveBeenDroppedSinceItWasRead) {
  ManualClock clock(Micros(0));
  KeyCache cache(clock);
  const uint64_t before = cache.Drops("row");
  cache.Drop("row");
  cache.PutUnlessDropped("row", Key(), before);
  EXPECT_EQ(cache.Find("row"), nullptr);
  cache.PutUnlessDropped("row", Key(), cache.Drops("row"));
  EXPECT_NE(cache.Find("row"), nullptr);
}

TEST(KeyCacheTest, HoldsABoundedNumberOfKeys) {
  ManualClock clock(Micros(0));
  KeyCache cache(clock);
  const PersonKeyPtr key = Key();
  const size_t bound = 2 * KeyCache::kShards * KeyCache::kKeysPerShard;
  for (size_t i = 0; i < 2 * bound; ++i) cache.Put(std::to_string(i), key);
  EXPECT_LE(static_cast<size_t>(key.use_count()), bound + 1);
}

}  // namespace
}  // namespace jalon::eventstore
