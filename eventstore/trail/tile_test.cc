#include "eventstore/trail/tile.h"

#include <gtest/gtest.h>

namespace jalon::trail {
namespace {

TEST(TileTest, PathsAreThoseOfTheSpecification) {
  EXPECT_EQ(TilePath({0, 1234067, 256}), "tile/0/x001/x234/067");
  EXPECT_EQ(TilePath({0, 0, 256}), "tile/0/000");
  EXPECT_EQ(TilePath({1, 0, 1}), "tile/1/000.p/1");
  EXPECT_EQ(TilePath({3, 1000, 255}), "tile/3/x001/000.p/255");
  EXPECT_EQ(BundlePath(999, 256), "tile/entries/999");
  EXPECT_EQ(BundlePath(273, 112), "tile/entries/273.p/112");
}

TEST(TileTest, WidthsAreThoseOfTheSpecification) {
  EXPECT_EQ(HashesAt(0, 256), 256u);  // a full tile, and one of width 1 above
  EXPECT_EQ(HashesAt(1, 256), 1u);
  EXPECT_EQ(HashesAt(2, 256), 0u);
  EXPECT_EQ(TileOf(1, 0, 256), (Tile{1, 0, 1}));
  EXPECT_EQ(HashesAt(0, 70'000) / 256, 273u);
  EXPECT_EQ(TileOf(0, 69'999, 70'000), (Tile{0, 273, 112}));
  EXPECT_EQ(TileOf(1, 272, 70'000), (Tile{1, 1, 17}));
  EXPECT_EQ(TileOf(1, 255, 70'000), (Tile{1, 0, 256}));
  EXPECT_EQ(TileOf(2, 0, 70'000), (Tile{2, 0, 1}));
  EXPECT_EQ(HashesAt(63, ~uint64_t{0}), 0u);
}

}  // namespace
}  // namespace jalon::trail
