#include "eventstore/vault/served/held_keys.h"

#include <gtest/gtest.h>

#include "eventstore/vault/served/limits.h"

namespace jalon::eventstore::served {
namespace {

std::vector<Secret> OneKey(char fill) {
  std::vector<Secret> keys;
  keys.push_back(Secret::From(std::string(32, fill)));
  return keys;
}

TEST(HeldKeysTest, KeepsNothingLongerThanAMinute) {
  ManualClock clock{Micros(1'000'000)};
  HeldKeys held(clock);
  held.Put("d1", OneKey('a'));
  clock.Advance(kKeysKept - Micros(1));
  ASSERT_TRUE(held.Find("d1"));
  EXPECT_EQ(held.Find("d1")->front().View(), OneKey('a').front().View());
  clock.Advance(Micros(1));
  EXPECT_FALSE(held.Find("d1"));
}

TEST(HeldKeysTest, IsBounded) {
  ManualClock clock{Micros(1'000'000)};
  HeldKeys held(clock);
  for (size_t i = 0; i <= kKeyListsKept; ++i) held.Put(std::to_string(i), OneKey('a'));
  size_t kept = 0;
  for (size_t i = 0; i <= kKeyListsKept; ++i) kept += held.Find(std::to_string(i)) ? 1 : 0;
  EXPECT_LE(kept, kKeyListsKept);
  EXPECT_TRUE(held.Find(std::to_string(kKeyListsKept))) << "the newest is there";
}

}  // namespace
}  // namespace jalon::eventstore::served
