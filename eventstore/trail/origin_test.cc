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

}  // namespace
}  // namespace jalon::trail
