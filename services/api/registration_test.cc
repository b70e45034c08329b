#include "services/api/registration.h"

#include <gtest/gtest.h>

#include "eventstore/base/clock.h"
#include "eventstore/writer/request_id.h"
#include "services/client/request_id.h"

namespace jalon::api {
namespace {

TEST(PlacementRequestId, IsAnotherOneOfTheSameTime) {
  const Micros now = SystemClock().Wall();
  for (int i = 0; i < 100; ++i) {
    const Bytes id = client::NewRequestId(static_cast<uint64_t>(now.count()) / 1000);
    const Bytes derived = PlacementRequestId(id);
    EXPECT_TRUE(eventstore::CheckRequestId(derived, now));
    EXPECT_EQ(eventstore::RequestIdMillis(derived), eventstore::RequestIdMillis(id));
    EXPECT_NE(derived, id);
    EXPECT_EQ(derived, PlacementRequestId(id));
  }
}

}  // namespace
}  // namespace jalon::api
