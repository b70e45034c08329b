#include "eventstore/log/partition.h"

#include <gtest/gtest.h>

namespace jalon::eventstore {
namespace {

// The vectors of Apache Kafka's own UtilsTest.testMurmur2.
TEST(Murmur2, IsKafkas) {
  const auto signed_murmur2 = [](std::string_view text) {
    return static_cast<int32_t>(Murmur2(text));
  };
  EXPECT_EQ(signed_murmur2("21"), -973932308);
  EXPECT_EQ(signed_murmur2("foobar"), -790332482);
  EXPECT_EQ(signed_murmur2("a-little-bit-long-string"), -985981536);
  EXPECT_EQ(signed_murmur2("a-little-bit-longer-string"), -1486304829);
  EXPECT_EQ(signed_murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
  EXPECT_EQ(signed_murmur2("abc"), 479470107);
}

TEST(PartitionOf, IsNonNegativeModulo) {
  EXPECT_EQ(PartitionOf("foobar", 64).value, (static_cast<uint32_t>(-790332482) & 0x7fffffff) % 64);
  EXPECT_EQ(PartitionOf("anything", 1).value, 0u);
}

}  // namespace
}  // namespace jalon::eventstore
