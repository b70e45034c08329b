#include "eventstore/trail/origin.h"

#include <gtest/gtest.h>

#include "eventstore/base/hash.h"

namespace jalon::trail {
namespace {

const std::string kDeployment(16, '\xd3');
const std::string kTenant(16, 's');

TEST(OriginTest, SaysWhoseTrailItIs) {
  const std::string origin = TrailOrigin(kDeployment, kTenant, "garage00", 12);
  const auto named = TrailNamedBy(origin);
  ASSERT_TRUE(named);
  EXPECT_EQ(named->tenant, ToHex(kTenant));
  EXPECT_EQ(named->trail, ToHex("garage00"));
}

TEST(OriginTest, EveryOtherShapeNamesNobody) {
  const std::string deployment = ToHex(kDeployment);
  for (const std::string& other :
       {ReceiptsOrigin(kDeployment, 3), RootOrigin(kDeployment),
        std::string("audit.example/cfp-nord/trail/1"), std::string(), deployment + "/73/67",
        deployment + "/73/67/1/2", deployment + "/73/67/0", deployment + "/73/67/01",
        deployment + "/73/67/", deployment + "/73//1", deployment + "//67/1",
        deployment + "/7/67/1", deployment + "/7A/67/1", deployment + "/73/6g/1",
        deployment.substr(2) + "/73/67/1"}) {
    EXPECT_FALSE(TrailNamedBy(other)) << other;
  }
}

TEST(OriginTest, ATrailIsPublishedInTheRootLogOfItsDeploymentAndGeneration) {
  EXPECT_EQ(RootOf(TrailOrigin(kDeployment, kTenant, "garage00", 2)), RootOrigin(kDeployment, 2));
  EXPECT_EQ(RootOf(RootOrigin(kDeployment, 2)), std::nullopt);
  EXPECT_EQ(RootOf(ReceiptsOrigin(kDeployment, 3, 2)), std::nullopt);
  EXPECT_EQ(RootOf("audit.example/cfp-nord/trail/1"), std::nullopt);
}

TEST(OriginTest, AGenerationIsTheLastPart) {
  const std::string trail = TrailOrigin(kDeployment, kTenant, "garage00", 2);
  for (const std::string& origin :
       {trail, ReceiptsOrigin(kDeployment, 3, 2), RootOrigin(kDeployment, 2)}) {
    const auto named = GenerationNamedBy(origin);
    ASSERT_TRUE(named) << origin;
    EXPECT_EQ(named->generation, 2u);
    EXPECT_EQ(std::string(named->log) + "/2", origin);
    const std::string third = std::string(named->log) + "/3";
    EXPECT_EQ(GenerationNamedBy(third)->generation, 3u);
    EXPECT_TRUE(IsSameLog(origin, third));
    EXPECT_TRUE(IsSameLog(origin, origin));
  }
  EXPECT_FALSE(IsSameLog(trail, TrailOrigin(kDeployment, kTenant, "bakery00", 2)));
  EXPECT_FALSE(IsSameLog(ReceiptsOrigin(kDeployment, 3), ReceiptsOrigin(kDeployment, 4)));
  EXPECT_FALSE(IsSameLog(RootOrigin(kDeployment), ReceiptsOrigin(kDeployment, 1)));
  // What another operator names so is another log.
  EXPECT_FALSE(GenerationNamedBy("audit.example/receipts/3"));
  EXPECT_FALSE(IsSameLog("audit.example/receipts/3", "audit.example/receipts/4"));
  const std::string deployment = ToHex(kDeployment);
  for (const std::string& other :
       {RootOrigin(kDeployment, 0), RootOrigin(kDeployment) + "/1", deployment + "/receipts/1",
        deployment + "/receipts/x/1", deployment}) {
    EXPECT_FALSE(GenerationNamedBy(other)) << other;
  }
}

}  // namespace
}  // namespace jalon::trail
