#include "eventstore/trail/entry.h"

#include <gtest/gtest.h>

#include "eventstore/base/wire.h"
#include "eventstore/trail/trail_testing.h"

namespace jalon::trail {
namespace {

TEST(EntryTest, SaysItsOwnPlace) {
  const std::string event = TrailEvent(7);
  const auto place = PlaceOf(event);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->tenant, std::string(16, 's'));
  EXPECT_EQ(place->key, "garage00");
  EXPECT_EQ(place->index, 7u);
  EXPECT_EQ(place->recorded_at, 1'767'225'600'000'007);
  EXPECT_EQ(PlaceOf(TrailEvent(0))->index, 0u);  // a zero is not written
}

TEST(EntryTest, WhatIsNoLeafOfATrailHasNone) {
  std::string no_leaf;
  wire::AppendBytes(1, "school", &no_leaf);
  std::string without_key;
  wire::AppendBytes(9, "", &without_key);
  std::string twice = TrailEvent(1);
  std::string trail;
  wire::AppendBytes(1, "garage00", &trail);
  wire::AppendBytes(9, trail, &twice);
  for (const std::string& entry : {std::string(), std::string("\0", 1), std::string("@ABC"),
                                   no_leaf, without_key, twice, TrailEvent(1).substr(0, 60)}) {
    EXPECT_FALSE(PlaceOf(entry)) << ToHex(entry);
  }
}

}  // namespace
}  // namespace jalon::trail
