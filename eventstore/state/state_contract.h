// The laws that every state store keeps, as tests. A store's own test file includes this and
// instantiates StateContract with a way to make that store.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/writer/state_store.h"

namespace jalon::eventstore::testing {

// One store under test.
class StateFixture {
 public:
  virtual ~StateFixture() = default;
  virtual StateStore& store() = 0;
  // Closes in good order and opens again.
  virtual void Reopen() = 0;
};
using MakeStateFixture = std::function<std::unique_ptr<StateFixture>()>;

inline StateCheckpoint CheckpointAt(uint64_t seq) {
  StateCheckpoint checkpoint;
  checkpoint.head.epoch = Epoch{3};
  checkpoint.head.epoch_id.fill(7);
  checkpoint.head.seq = Seq{seq};
  checkpoint.head.hash.fill(static_cast<uint8_t>(seq));
  checkpoint.head.offset = Offset{seq + 9};
  checkpoint.head.level = 1;
  checkpoint.version = 5;
  checkpoint.log_incarnation = std::string("incarnation\0 16b", 16);
  checkpoint.recorded_at = -1'788'000'000'000'001;
  checkpoint.newest_request_ms = 1'788'000'000'000;
  return checkpoint;
}

class StateContract : public ::testing::TestWithParam<MakeStateFixture> {
 protected:
  static constexpr Partition kOne{1};
  static constexpr Partition kTwo{2};
  static constexpr Partition kLast{UINT32_MAX};

  void SetUp() override { fixture_ = GetParam()(); }
  StateStore& store() { return fixture_->store(); }
  void Write(Partition partition, std::vector<RowChange> changes, uint64_t seq) {
    const auto written = store().Write(partition, changes, CheckpointAt(seq));
    ASSERT_TRUE(written) << written.error().message;
  }
  std::vector<StoredRow> All(Partition partition) {
    return store().Scan(partition, std::string_view("\0", 1), "\xff", 1000).value();
  }

  std::unique_ptr<StateFixture> fixture_;
};

TEST_P(StateContract, IsBornEmpty) {
  EXPECT_EQ(store().Checkpoint(kOne).value(), std::nullopt);
  EXPECT_EQ(store().Get(kOne, "a").value(), std::nullopt);
  EXPECT_TRUE(All(kOne).empty());
}

TEST_P(StateContract, KeepsRowsAndTheirCheckpoint) {
  const std::string key("k\0\xff key", 7);
  const std::string value("v\0\xff", 3);
  Write(kOne, {{key, value}, {"empty", ""}}, 4);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(store().Get(kOne, key).value(), value);
    EXPECT_EQ(store().Get(kOne, "empty").value(), "");
    EXPECT_EQ(store().Get(kOne, key.substr(0, 6)).value(), std::nullopt);
    EXPECT_EQ(store().Checkpoint(kOne).value(), CheckpointAt(4));
    fixture_->Reopen();
  }
}

TEST_P(StateContract, AWriteChangesAndDeletes) {
  Write(kOne, {{"a", "1"}, {"b", "1"}}, 1);
  Write(kOne, {{"a", std::nullopt}, {"b", "2"}, {"never", std::nullopt}}, 2);
  EXPECT_EQ(All(kOne), (std::vector<StoredRow>{{"b", "2"}}));
  EXPECT_EQ(store().Checkpoint(kOne).value(), CheckpointAt(2));
}

TEST_P(StateContract, PartitionsAreApart) {
  Write(kOne, {{"a", "1"}}, 1);
  Write(kTwo, {{"a", "2"}}, 2);
  Write(kLast, {{"a", "3"}}, 3);
  EXPECT_EQ(All(kOne), (std::vector<StoredRow>{{"a", "1"}}));
  EXPECT_EQ(All(kLast), (std::vector<StoredRow>{{"a", "3"}}));
  EXPECT_EQ(store().Checkpoint(kTwo).value(), CheckpointAt(2));
}

TEST_P(StateContract, ScansInOrderAndWithinBounds) {
  Write(kOne, {{"b", "2"}, {"d", "4"}, {"a", "1"}, {"c", "3"}}, 1);
  Write(kTwo, {{"b", "other"}}, 1);
  EXPECT_EQ(store().Scan(kOne, "b", "d", 10).value(),
            (std::vector<StoredRow>{{"b", "2"}, {"c", "3"}}));
  EXPECT_EQ(store().Scan(kOne, "a", "z", 3).value(),
            (std::vector<StoredRow>{{"a", "1"}, {"b", "2"}, {"c", "3"}}));
  EXPECT_TRUE(store().Scan(kOne, "e", "z", 10).value().empty());
}

TEST_P(StateContract, ClearDropsOnePartition) {
  for (const Partition partition : {kOne, kTwo, kLast}) Write(partition, {{"a", "1"}}, 1);
  ASSERT_TRUE(store().Clear(kOne));
  ASSERT_TRUE(store().Clear(kLast));
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(All(kOne).empty());
    EXPECT_TRUE(All(kLast).empty());
    EXPECT_EQ(store().Checkpoint(kOne).value(), std::nullopt);
    EXPECT_EQ(store().Checkpoint(kTwo).value(), CheckpointAt(1));
    EXPECT_EQ(All(kTwo).size(), 1u);
    fixture_->Reopen();
  }
}

}  // namespace jalon::eventstore::testing
