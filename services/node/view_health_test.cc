#include "services/node/view_health.h"

#include <gtest/gtest.h>

#include "projections/views/all_views.h"

namespace jalon::node {
namespace {

using projections::Generation;

constexpr size_t kViews = 2;

projections::PartitionStatus Follows() {
  return {.partition = {},
          .as_of = {},
          .next = {},
          .serving = true,
          .generations = {Generation{1}, Generation{2}},
          .joining = {false, false},
          .error = {}};
}

using Told = std::vector<bool>;

TEST(ViewHealth, EveryViewHasAName) {
  const auto views = projections::MakeAllViews(Bytes(16, 'D'));
  const std::vector<std::string> names = HealthNames(*views);
  ASSERT_EQ(names.size(), views->size());
  EXPECT_EQ(names[0], "view." + std::string((*views)[0].Name()));
}

TEST(ViewHealth, AViewServesOnceAllItsPartitionsDo) {
  projections::ProjectorStatus status;
  EXPECT_EQ(ServingViews(status, kViews), (Told{false, false}));
  status.partitions = {Follows(), Follows()};
  EXPECT_EQ(ServingViews(status, kViews), (Told{true, true}));
  status.partitions[1].serving = false;
  EXPECT_EQ(ServingViews(status, kViews), (Told{false, false}));
}

TEST(ViewHealth, ARebuildBesideHoldsBackNone) {
  projections::ProjectorStatus status;
  status.partitions = {Follows()};
  status.partitions[0].joining = {true, true};
  EXPECT_EQ(ServingViews(status, kViews), (Told{true, true}));
}

TEST(ViewHealth, AViewThatIsNowhereDoesNotServe) {
  projections::ProjectorStatus status;
  status.partitions = {Follows()};
  status.partitions[0].generations[1] = Generation{};
  EXPECT_EQ(ServingViews(status, kViews), (Told{true, false}));
}

TEST(ViewHealth, APartitionThatStoppedIsSeen) {
  projections::ProjectorStatus status;
  status.partitions = {Follows(), Follows()};
  status.partitions[0].error = Error{Code::kDataLoss, "PARTITION_DIVERGED", "", {}};
  EXPECT_EQ(ServingViews(status, kViews), (Told{false, false}));
}

TEST(HealthSign, EachChangeIsToldOnceAndBothWays) {
  bool serves = false;
  std::string told;
  HealthSign sign(
      {.serves = [&] { return serves; },
       .tell = [&](bool serving) { told += serving ? "+" : "-"; },
       .tell_view = [&](size_t view,
                        bool serving) { told += std::to_string(view) + (serving ? "+" : "-"); }});
  sign.Look();
  EXPECT_EQ(told, "");
  for (const bool now : {true, true, false, false, true}) {
    serves = now;
    sign.Look();
    EXPECT_EQ(sign.serving(), now);
  }
  EXPECT_EQ(told, "+-+");
  told.clear();
  sign.LookAtViews({true, false});
  sign.LookAtViews({true, false});
  sign.LookAtViews({false, false});
  EXPECT_EQ(told, "0+1-0-1-");
  sign.End();
  serves = false;
  sign.Look();
  sign.LookAtViews({true, true});
  EXPECT_EQ(told, "0+1-0-1-");
}

}  // namespace
}  // namespace jalon::node
