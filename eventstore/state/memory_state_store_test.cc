#include "eventstore/state/memory_state_store.h"

#include <gtest/gtest.h>

#include "eventstore/state/checkpoint_codec.h"
#include "eventstore/state/state_contract.h"

namespace jalon::eventstore::testing {
namespace {

class MemoryFixture final : public StateFixture {
 public:
  StateStore& store() override { return store_; }
  void Reopen() override { store_.Persist(); }

 private:
  MemoryStateStore store_;
};

INSTANTIATE_TEST_SUITE_P(Memory, StateContract, ::testing::Values([] {
                           return std::unique_ptr<StateFixture>(new MemoryFixture);
                         }));

TEST(MemoryStateStore, ACrashLosesTheNewestWritesWhole) {
  constexpr Partition kOne{1};
  MemoryStateStore store;
  ASSERT_TRUE(store.Write(kOne, {{"a", "1"}, {"b", "1"}}, CheckpointAt(1)));
  store.Persist();
  ASSERT_TRUE(store.Write(kOne, {{"a", "2"}, {"b", "2"}}, CheckpointAt(2)));
  ASSERT_TRUE(store.Write(kOne, {{"a", "3"}, {"b", std::nullopt}}, CheckpointAt(3)));
  EXPECT_EQ(store.unpersisted(), 2u);
  store.Crash(1);
  EXPECT_EQ(store.Get(kOne, "a").value(), "2");
  EXPECT_EQ(store.Get(kOne, "b").value(), "2");
  EXPECT_EQ(store.Checkpoint(kOne).value(), CheckpointAt(2));
  ASSERT_TRUE(store.Clear(kOne));
  store.Crash(0);
  EXPECT_EQ(store.Get(kOne, "a").value(), "2");
}

TEST(CheckpointCodec, RefusesWhatIsNone) {
  const std::string bytes = EncodeCheckpoint(CheckpointAt(4));
  EXPECT_EQ(DecodeCheckpoint(bytes).value(), CheckpointAt(4));
  for (const std::string& broken : {std::string(), bytes.substr(0, 60), "\2" + bytes.substr(1)}) {
    EXPECT_EQ(DecodeCheckpoint(broken).error().code, Code::kDataLoss);
  }
}

}  // namespace
}  // namespace jalon::eventstore::testing
