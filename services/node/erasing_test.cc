// What follows an erasure once it counts: also after a restart, and while the vault is away.
#include "services/node/erasing.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "eventstore/log/log_testing.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "jalon/event/v1/event_body.pb.h"
#include "projections/engine/engine_testing.h"

namespace jalon::node {
namespace {

using event::v1::EventBody;
using eventstore::KeyFound;
using projections::testing::kTenant;
using projections::testing::LogWriter;
using projections::testing::MakeEvent;

const Bytes kAda = "ada-0001";
const Bytes kBen = "ben-0001";
const Bytes kEve = "eve-0001";

// A vault that may be out of reach, and counts.
class CountingVault final : public eventstore::Vault {
 public:
  explicit CountingVault(eventstore::Vault& vault) : vault_(vault) {}

  void PersonKeys(Bytes tenant, std::vector<eventstore::KeyWanted> wanted, Done done) override {
    vault_.PersonKeys(std::move(tenant), std::move(wanted), std::move(done));
  }
  Result<std::vector<KeyFound>> FindPersonKeys(std::string_view tenant,
                                               std::span<const Bytes> persons) override {
    return vault_.FindPersonKeys(tenant, persons);
  }
  Result<eventstore::Secret> DayKey(uint32_t day) override { return vault_.DayKey(day); }
  Result<std::vector<eventstore::Secret>> LookupKeys(std::string_view tenant,
                                                     uint32_t year) override {
    return vault_.LookupKeys(tenant, year);
  }
  Result<void> DestroyPersonKeys(std::string_view tenant, std::span<const Bytes> persons) override {
    ++calls;
    if (!reachable) return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE", "out of reach");
    return vault_.DestroyPersonKeys(tenant, persons);
  }
  Result<size_t> Sweep(
      Micros made_before,
      const std::function<bool(std::string_view, std::string_view)>& is_named) override {
    return vault_.Sweep(made_before, is_named);
  }

  bool reachable = true;
  int calls = 0;

 private:
  eventstore::Vault& vault_;
};

class ErasingTest : public testing::Test {
 protected:
  ErasingTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "/erasing_" + info->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    keys_ = *eventstore::OpenEmbeddedVault({folder_ + "/keys", folder_ + "/root.key"}, clock_);
    vault_ = std::make_unique<CountingVault>(*keys_);
    for (const Bytes& person : {kAda, kBen, kEve}) {
      keys_->PersonKeys(Bytes(kTenant), {{person, true}}, [](const auto&) {});
    }
    while (StateOf(kEve) != KeyFound::State::kFound) std::this_thread::yield();
  }
  ~ErasingTest() override {
    vault_.reset();
    keys_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::unique_ptr<ErasureFollower> NewFollower() {
    return std::make_unique<ErasureFollower>(ErasureFollower::Parts{
        .log = log_, .birth = birth_, .vault = *vault_, .path = folder_ + "/erasing", .wake = [] {
        }});
  }
  static void StepToEnd(ErasureFollower& follower) {
    while (true) {
      const auto more = follower.Step();
      ASSERT_TRUE(more) << more.error().message;
      if (!*more) return;
    }
  }
  void Erased(const Bytes& person, uint32_t partition = 1) {
    writer_.Record(Partition{partition}, {MakeEvent(EventBody::kPersonKeyDestroyed, person, 0)});
  }
  KeyFound::State StateOf(const Bytes& person) {
    return keys_->FindPersonKey(kTenant, person)->state;
  }

  std::string folder_;
  ManualClock clock_{Micros(std::chrono::hours(500'000))};
  const eventstore::Birth birth_ = eventstore::testing::TestBirth(2);
  eventstore::MemoryLog log_{birth_};
  LogWriter writer_{log_};
  std::unique_ptr<eventstore::Vault> keys_;
  std::unique_ptr<CountingVault> vault_;
};

TEST_F(ErasingTest, DestroysWhatCountsAndNothingElse) {
  writer_.Record(Partition{0}, {MakeEvent(EventBody::kStudentEnrolled, kBen, 0)});
  Erased(kAda);
  const auto follower = NewFollower();
  StepToEnd(*follower);
  EXPECT_EQ(StateOf(kAda), KeyFound::State::kDestroyed);
  EXPECT_EQ(StateOf(kBen), KeyFound::State::kFound);
  EXPECT_EQ(follower->destroyed(), 1U);
}

TEST_F(ErasingTest, WhatNeverCountedDestroysNothing) {
  Erased(kAda, 0);
  writer_.Claim(Partition{0});
  writer_.Zombie(Partition{0});
  const auto follower = NewFollower();
  StepToEnd(*follower);
  EXPECT_EQ(follower->destroyed(), 1U) << "the record that counted, and no copy of it";
}

TEST_F(ErasingTest, WhatCountsTogetherIsDestroyedTogether) {
  for (const Bytes& person : {kAda, kBen, kEve}) Erased(person);
  const auto follower = NewFollower();
  StepToEnd(*follower);
  EXPECT_EQ(vault_->calls, 1);
  for (const Bytes& person : {kAda, kBen, kEve}) {
    EXPECT_EQ(StateOf(person), KeyFound::State::kDestroyed);
  }
}

TEST_F(ErasingTest, GoesOnWhereItWasAndRepeatsWithoutHarm) {
  Erased(kAda);
  StepToEnd(*NewFollower());
  ASSERT_EQ(vault_->calls, 1);
  Erased(kBen);
  StepToEnd(*NewFollower());
  EXPECT_EQ(vault_->calls, 2) << "the first one is not asked for again";
  std::filesystem::remove(folder_ + "/erasing");
  const auto again = NewFollower();
  StepToEnd(*again);
  EXPECT_EQ(again->destroyed(), 2U);
  EXPECT_EQ(StateOf(kEve), KeyFound::State::kFound);
}

// No place is kept before what stands there is done: else a restart would leave the key for ever.
TEST_F(ErasingTest, AVaultThatIsAwayIsAskedAgainAlsoAfterARestart) {
  vault_->reachable = false;
  Erased(kAda);
  {
    const auto follower = NewFollower();
    const auto stepped = follower->Step();
    ASSERT_FALSE(stepped);
    EXPECT_EQ(stepped.error().reason, "VAULT_UNAVAILABLE");
    EXPECT_FALSE(follower->Step());
    ASSERT_TRUE(follower->Keep());
  }
  EXPECT_EQ(StateOf(kAda), KeyFound::State::kFound);
  vault_->reachable = true;
  StepToEnd(*NewFollower());
  EXPECT_EQ(StateOf(kAda), KeyFound::State::kDestroyed);
}

TEST_F(ErasingTest, APlaceInAnotherLifeOfTheLogIsNone) {
  Erased(kAda);
  StepToEnd(*NewFollower());
  eventstore::Birth other = birth_;
  other.log_incarnation = Bytes(16, 'o');
  eventstore::MemoryLog log(other);
  LogWriter writer(log);
  writer.Record(Partition{1}, {MakeEvent(EventBody::kPersonKeyDestroyed, kBen, 0)});
  ErasureFollower follower(
      {.log = log, .birth = other, .vault = *vault_, .path = folder_ + "/erasing", .wake = [] {}});
  StepToEnd(follower);
  EXPECT_EQ(StateOf(kBen), KeyFound::State::kDestroyed);
}

TEST_F(ErasingTest, TheThreadDestroysWhatComesLater) {
  const SystemClock real;
  Erasing erasing({.log = log_,
                   .birth = birth_,
                   .vault = *vault_,
                   .path = folder_ + "/erasing",
                   .clock = real,
                   .on_fault = [](const Error& error) { FAIL() << error.message; }});
  erasing.Start();
  Erased(kAda);
  while (StateOf(kAda) != KeyFound::State::kDestroyed) std::this_thread::yield();
  Erased(kBen);
  while (StateOf(kBen) != KeyFound::State::kDestroyed) std::this_thread::yield();
  erasing.Stop();
  EXPECT_EQ(StateOf(kEve), KeyFound::State::kFound);
}

}  // namespace
}  // namespace jalon::node
