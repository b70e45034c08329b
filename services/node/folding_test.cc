#include "services/node/folding.h"

#include <gtest/gtest.h>

#include <future>
#include <string>

#include "eventstore/log/log_testing.h"
#include "projections/engine/engine_testing.h"
#include "projections/engine/memory_store.h"

namespace jalon::node {
namespace {

namespace engine = projections::testing;
using eventstore::MemoryLog;

constexpr std::chrono::seconds kPatience{20};

// Its views answer DATA_LOSS from then on: a server that has them must end.
TEST(Folding, APartitionThatStopsIsToldOnceAndTheOthersAreFoldedOn) {
  MemoryLog log(eventstore::testing::TestBirth(2));
  engine::LogWriter writer(log);
  projections::MemoryViewStore store;
  const auto views = engine::MakeTestViews();
  projections::Projector projector({.partitions = engine::Partitions(2)}, log, store, *views);
  const SystemClock clock;
  std::promise<Error> fault;
  Folding folding(
      projector, clock, [](const projections::ProjectorStatus&) {},
      [&](const Error& error) { fault.set_value(error); });  // twice would throw
  ASSERT_TRUE(projector.Open());
  writer.Record(Partition{0}, {engine::MakeEvent(engine::kAdd, "a", 1)});
  writer.Record(Partition{1}, {engine::MakeEvent(engine::kAdd, "a", 1)});
  folding.Start();
  auto forged = eventstore::testing::NextRecord(writer.head(Partition{0}));
  forged.set_prev_hash(std::string(32, 'x'));
  log.Forge(Partition{0}, eventstore::EncodeRecord(forged));
  auto told = fault.get_future();
  ASSERT_EQ(told.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(told.get().reason, "PARTITION_DIVERGED");

  writer.Record(Partition{1}, {engine::MakeEvent(engine::kAdd, "a", 1)});
  std::promise<Result<void>> reached;
  projector.publication().Await(Partition{1}, eventstore::testing::TestBirth(2).log_incarnation,
                                Seq{2}, clock.Monotonic() + kPatience / 2,
                                [&](Result<void> result) { reached.set_value(std::move(result)); });
  auto answer = reached.get_future();
  ASSERT_EQ(answer.wait_for(kPatience), std::future_status::ready);
  EXPECT_TRUE(answer.get());
}

}  // namespace
}  // namespace jalon::node
