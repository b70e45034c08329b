// A vault whose standby hangs, or is slow.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>

#include "eventstore/vault/embedded/embedded_testing.h"
#include "eventstore/vault/served/pair_limits.h"
#include "eventstore/vault/served/pair_testing.h"
#include "jalon/vault/v1/standby_service.grpc.pb.h"

namespace jalon::eventstore {
namespace {

using std::chrono::seconds;
using State = KeyFound::State;
using testing::DyingMirror;
using testing::kAda;
using testing::kBen;
using testing::KeyIn;
using testing::kSchool;
using testing::ReasonOf;
using testing::TryKey;
using testing::VaultHalf;

const Bytes kEve = "eve-0001";

// Takes what it is sent, and keeps nothing.
class FakeStandby final : public vault::v1::VaultStandbyService::Service {
 public:
  std::atomic<bool> hangs = false;  // while it is given all keys
  std::atomic<bool> hanging = false;
  std::atomic<bool> holds = false;  // a change of rows
  std::atomic<bool> holding = false;
  std::atomic<bool> compacting = false;
  std::chrono::milliseconds compaction{0};
  std::chrono::milliseconds line{0};  // for each part with rows

  grpc::Status AttachStandby(grpc::ServerContext*, const vault::v1::AttachStandbyRequest* request,
                             vault::v1::AttachStandbyResponse* response) override {
    *response->mutable_mark() = request->mark();
    response->set_behind(true);
    return grpc::Status::OK;
  }
  grpc::Status ReplaceKeys(grpc::ServerContext* context,
                           grpc::ServerReader<vault::v1::ReplaceKeysRequest>* reader,
                           vault::v1::ReplaceKeysResponse*) override {
    vault::v1::ReplaceKeysRequest part;
    while (reader->Read(&part)) {
    }
    hanging = hangs.load();
    while (hangs && !context->IsCancelled()) Wait(*context, kStep);
    return grpc::Status::OK;
  }
  grpc::Status ApplyChange(grpc::ServerContext* context,
                           grpc::ServerReader<vault::v1::ApplyChangeRequest>* reader,
                           vault::v1::ApplyChangeResponse*) override {
    const std::lock_guard lock(mutex_);  // one that changes anything
    vault::v1::ApplyChangeRequest part;
    while (reader->Read(&part)) {
      compacting = part.has_forget();
      if (part.has_forget()) Wait(*context, compaction);
      if (part.put_size() > 0) Wait(*context, line);
      holding = holds && part.put_size() > 0;
      while (holding && holds && !context->IsCancelled()) Wait(*context, kStep);
    }
    return grpc::Status::OK;
  }

  std::mutex mutex_;

 private:
  static constexpr std::chrono::milliseconds kStep{10};

  static void Wait(const grpc::ServerContext& context, std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < until && !context.IsCancelled()) {
      std::this_thread::sleep_for(kStep);
    }
  }
};

class FakeStandbyTest : public ::testing::Test {
 protected:
  FakeStandbyTest() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", credentials_->ForServer(), &port_);
    builder.RegisterService(&fake_);
    server_ = builder.BuildAndStart();
  }
  ~FakeStandbyTest() override {
    fake_.hangs = fake_.holds = false;
    v1_.Stop();
    server_->Shutdown(std::chrono::system_clock::now());
  }
  std::string Address() const { return "127.0.0.1:" + std::to_string(port_); }

  ManualClock clock_{Micros(std::chrono::hours(24 * 20'000))};
  testing::PeerFolders folders_{"slow"};
  VaultHalf v1_{folders_, clock_, "v1"};
  const std::unique_ptr<PeerCredentials> credentials_ =
      std::move(*PeerCredentials::Load(folders_.Issue(PeerKind::kVault, "v3"), SystemClock()));
  FakeStandby fake_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// Nothing is in memory, after a restart.
TEST_F(FakeStandbyTest, WhatIsSealedIsOpenedWhileAStandbyIsGivenAllKeysAndHangs) {
  v1_.Serve();
  KeyIn(v1_.vault(), kEve);
  ASSERT_TRUE(v1_.vault().DestroyPersonKey(kSchool, kEve));
  const KeyFound ada = KeyIn(v1_.vault(), kAda);
  const std::string year(v1_.vault().LookupKeys(kSchool, 2026)->front().View());
  const std::string day(v1_.vault().DayKey(20'000)->View());
  v1_.Stop();
  fake_.hangs = true;
  v1_.Serve(Address());
  while (!fake_.hanging) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  auto asked = std::async(std::launch::async, [&] {
    EXPECT_EQ(KeyIn(v1_.vault(), kAda).key->secret.View(), ada.key->secret.View());
    EXPECT_EQ(v1_.vault().LookupKeys(kSchool, 2026)->front().View(), year);
    EXPECT_EQ(v1_.vault().DayKey(20'000)->View(), day);
    EXPECT_EQ(ReasonOf(TryKey(v1_.vault(), kBen)), "VAULT_STANDBY_GONE");
    EXPECT_EQ(ReasonOf(v1_.vault().DestroyPersonKey(kSchool, kAda)), "VAULT_STANDBY_GONE");
    EXPECT_EQ(ReasonOf(v1_.vault().DayKey(20'001)), "VAULT_STANDBY_GONE");
    EXPECT_TRUE(v1_.vault().ErasureOf(kSchool, kEve)) << "who was erased before";
  });
  EXPECT_EQ(asked.wait_for(seconds(10)), std::future_status::ready);
  ASSERT_TRUE(v1_.link().Detach()) << "ends it";
  auto made = std::async(std::launch::async, [&] { return TryKey(v1_.vault(), kBen); });
  EXPECT_EQ(made.wait_for(seconds(10)), std::future_status::ready);
  fake_.hangs = false;
  EXPECT_TRUE(made.get());
  EXPECT_EQ(v1_.standing().standby(), Standing::Standby::kDetached) << "nor does the copy undo it";
}

// All that the school has is sent.
TEST_F(FakeStandbyTest, AnErasureInALargeSchoolEndsOverASlowLine) {
  v1_.Serve();
  std::vector<KeyWanted> many;
  for (int i = 0; i < 9000; ++i) many.push_back({std::to_string(10'000'000 + i), true});
  std::promise<bool> made;
  v1_.vault().PersonKeys(kSchool, many,
                         [&](const auto& keys) { made.set_value(keys.has_value()); });
  ASSERT_TRUE(made.get_future().get());
  v1_.Stop();
  fake_.line = std::chrono::milliseconds(700);  // three times at least
  v1_.Serve(Address());
  v1_.AwaitInStep();
  const auto destroyed = v1_.vault().DestroyPersonKey(kSchool, many.front().person);
  EXPECT_TRUE(destroyed) << destroyed.error().message;
}

TEST_F(FakeStandbyTest, OneThatIsDetachedWhileAChangeIsOnItsWayStaysSo) {
  v1_.Serve(Address());
  v1_.AwaitInStep();
  KeyIn(v1_.vault(), kAda);
  for (const bool answers : {true, false}) {
    SCOPED_TRACE(answers);
    const Bytes person = answers ? kBen : kEve;
    fake_.holding = false;
    fake_.holds = true;
    auto made = std::async(std::launch::async, [&] { return TryKey(v1_.vault(), person); });
    while (!fake_.holding) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ASSERT_TRUE(v1_.link().Detach());
    EXPECT_EQ(made.wait_for(seconds(0)), std::future_status::timeout) << "nor is it waited for";
    if (answers) fake_.holds = false;
    EXPECT_EQ(ReasonOf(made.get()), answers ? "" : "VAULT_STANDBY_GONE");
    fake_.holds = false;
    EXPECT_FALSE(v1_.link().InStep());
    EXPECT_EQ(v1_.standing().standby(), Standing::Standby::kDetached);
    EXPECT_EQ(KeyIn(v1_.vault(), person).state, State::kFound) << "without it";
    ASSERT_TRUE(v1_.link().Reattach());
    v1_.AwaitInStep();
  }
}

TEST_F(FakeStandbyTest, AnEndDoesNotWaitForWhatIsBeingSettled) {
  std::unique_ptr<DyingMirror> dying;
  v1_.Serve(Address(), [&](Mirror& link) -> Mirror& {
    dying = std::make_unique<DyingMirror>(link);
    return *dying;
  });
  v1_.AwaitInStep();
  dying->AwaitSettled();
  KeyIn(v1_.vault(), kAda);
  dying->lives = 3;  // the rows are written, the epoch before is not ended
  EXPECT_EQ(ReasonOf(v1_.vault().DestroyPersonKey(kSchool, kAda)), "DIED");
  v1_.Stop();
  fake_.compaction = seconds(20);
  fake_.compacting = false;
  v1_.Serve(Address());
  while (!fake_.compacting) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const auto began = std::chrono::steady_clock::now();
  v1_.link().Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(5));
}

TEST_F(FakeStandbyTest, OneThatCompactsForLongIsNotGone) {
  fake_.compaction = served::kStandbyAnswerMax + seconds(1);
  v1_.Serve(Address());
  v1_.AwaitInStep();
  KeyIn(v1_.vault(), kAda);
  const auto destroyed = v1_.vault().DestroyPersonKey(kSchool, kAda);
  EXPECT_TRUE(destroyed) << destroyed.error().message;
  EXPECT_TRUE(v1_.link().InStep());
}

}  // namespace
}  // namespace jalon::eventstore
