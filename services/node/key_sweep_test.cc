#include "services/node/key_sweep.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <set>

#include "eventstore/base/hash.h"
#include "eventstore/log/partition.h"
#include "eventstore/state/memory_state_store.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "eventstore/writer/state_keys.h"
#include "services/api/transfer/desk.h"
#include "services/domain/model/keys.h"

namespace jalon::node {
namespace {

using domain::RowKind;
using eventstore::KeyFound;
using eventstore::kUnnamedKeysKept;

constexpr uint32_t kPartitions = 4;
const Bytes kSchool(16, 's');

class KeySweepTest : public testing::Test {
 protected:
  KeySweepTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "/key_sweep_" + info->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    vault_ = *eventstore::OpenEmbeddedVault({folder_ + "/keys", folder_ + "/root.key"}, clock_);
  }
  ~KeySweepTest() override {
    vault_.reset();
    std::filesystem::remove_all(folder_);
  }

  void MakeKey(const Bytes& person) {
    std::promise<void> made;
    vault_->PersonKeys(kSchool, {{person, true}}, [&](const auto& keys) {
      EXPECT_TRUE(keys);
      made.set_value();
    });
    made.get_future().wait();
  }
  bool HasKey(const Bytes& person) {
    return vault_->FindPersonKey(kSchool, person)->state == KeyFound::State::kFound;
  }
  // The state as the record `seq` leaves it, which names these persons.
  void Record(uint64_t seq, RowKind kind, const std::set<Bytes>& persons) {
    std::vector<eventstore::RowChange> changes;
    changes.reserve(persons.size());
    for (const Bytes& person : persons) {
      changes.push_back({eventstore::StoredRowKey(domain::RowKey(kSchool, kind, person)), "a row"});
    }
    eventstore::StateCheckpoint checkpoint;
    checkpoint.head.seq = Seq{seq};
    ASSERT_TRUE(state_.Write(School(), changes, checkpoint));
  }
  static Partition School() { return eventstore::PartitionOf(ToHex(kSchool), kPartitions); }
  std::vector<Seq> Heads(uint64_t seq) const {
    std::vector<Seq> heads(kPartitions);
    heads[School().value] = Seq{seq};
    return heads;
  }
  Result<size_t> Sweep() {
    return SweepKeys(*vault_, state_, placement_, clock_.Wall() - kUnnamedKeysKept);
  }

  const Bytes ada_ = "ada-0001";
  const Bytes luc_ = "luc-0001";
  const Bytes nobody_ = "nobody-1";
  ManualClock clock_{Micros(std::chrono::hours(500'000))};
  eventstore::MemoryStateStore state_;
  const api::Placement placement_{kPartitions};
  std::string folder_;
  std::unique_ptr<eventstore::Vault> vault_;
};

// What other schools sealed transfers to could be opened by nobody any more.
TEST_F(KeySweepTest, TheKeyOfTransfersStaysThoughNoEventNamesItsHolder) {
  const Bytes holder(transfer::kKeyHolder);
  MakeKey(holder);
  MakeKey(nobody_);
  clock_.Advance(kUnnamedKeysKept + std::chrono::hours(1));
  EXPECT_EQ(*Sweep(), 1U);
  EXPECT_TRUE(HasKey(holder));
  EXPECT_FALSE(HasKey(nobody_));
}

TEST_F(KeySweepTest, OnlyTheKeyThatNoEventNamesGoes) {
  for (const Bytes& person : {ada_, luc_, nobody_}) MakeKey(person);
  Record(1, RowKind::kStudent, {ada_});
  Record(2, RowKind::kPerson, {luc_});
  clock_.Advance(kUnnamedKeysKept);
  EXPECT_EQ(*Sweep(), 0U) << "as old as a retry may be";
  clock_.Advance(Micros(1));
  EXPECT_EQ(*Sweep(), 1U);
  EXPECT_TRUE(HasKey(ada_));
  EXPECT_TRUE(HasKey(luc_));
  EXPECT_FALSE(HasKey(nobody_));
}

TEST_F(KeySweepTest, RowsThatCannotBeReadKeepEveryKey) {
  MakeKey(ada_);
  clock_.Advance(2 * kUnnamedKeysKept);
  state_.FailWith(Error{Code::kInternal, "INTERNAL", "the disk", {}});
  EXPECT_FALSE(Sweep());
  EXPECT_TRUE(HasKey(ada_));
}

TEST_F(KeySweepTest, RowsThatLagBehindTheLogAreNotAsked) {
  EXPECT_TRUE(*RowsReflect(state_, Heads(0)));
  EXPECT_FALSE(*RowsReflect(state_, Heads(1)));
  Record(1, RowKind::kStudent, {ada_});
  EXPECT_TRUE(*RowsReflect(state_, Heads(1)));
  EXPECT_FALSE(*RowsReflect(state_, Heads(2)));
}

// A clock that is moved while a command is on its way, between its key and its record.
TEST_F(KeySweepTest, TheFirstRoundSparesWhatWasMadeSinceTheStart) {
  MakeKey(nobody_);
  clock_.Advance(2 * kUnnamedKeysKept);
  KeySweep sweep({*vault_, state_, placement_, clock_, [&] {
                    MakeKey(ada_);
                    clock_.Advance(2 * kUnnamedKeysKept);
                    return std::optional(Heads(0));
                  }});
  sweep.Start();
  while (HasKey(nobody_)) std::this_thread::yield();
  sweep.Stop();
  EXPECT_TRUE(HasKey(ada_));
}

}  // namespace
}  // namespace jalon::node
