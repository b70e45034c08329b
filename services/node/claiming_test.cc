#include "services/node/claiming.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "services/domain/request.h"

namespace jalon::node {
namespace {

using eventstore::Outcome;
using eventstore::SignerClaim;
using eventstore::SignerSeat;

constexpr std::chrono::seconds kPatience{30};

// A system partition that loses what it is given first, and then counts it.
class LossySink final : public api::CommandSink {
 public:
  explicit LossySink(eventstore::SignerClaims& claims) : claims_(claims) {}

  const Bytes& LogIncarnation() const override { return incarnation_; }
  Result<void> TakesCommands() override { return {}; }
  Result<void> Submit(Partition partition, eventstore::Submission submission) override {
    EXPECT_EQ(partition, Partition{4});
    MutexLock lock(mutex_);
    ids_.insert(submission.request_id);
    ++tries_;
    if (tries_ == 1) return Fail(Code::kUnavailable, "NOT_SERVING", "not yet");
    Outcome outcome;
    outcome.error = {Code::kUnavailable, "OUTCOME_UNKNOWN", "who knows", {}};
    if (tries_ == 2) {
      submission.done(std::move(outcome));
      return {};
    }
    const auto& request = static_cast<const domain::Request&>(*submission.command);
    const auto& wanted = static_cast<const event::v1::SignerClaimed&>(*request.command);
    EXPECT_EQ(request.method, "jalon.event.v1.SignerClaimed");
    SignerClaim claim{.claimant = wanted.claimant(), .epoch = 7, .generation = wanted.generation()};
    std::ranges::copy(wanted.public_key(), claim.key.begin());
    claims_.Counted(claim);
    outcome.kind = Outcome::Kind::kAccepted;
    submission.done(std::move(outcome));
    return {};
  }
  int tries() {
    MutexLock lock(mutex_);
    return tries_;
  }
  size_t ids() {
    MutexLock lock(mutex_);
    return ids_.size();
  }

 private:
  const Bytes incarnation_ = Bytes(16, 'L');
  eventstore::SignerClaims& claims_;
  Mutex mutex_;
  std::set<Bytes> ids_ JALON_GUARDED_BY(mutex_);
  int tries_ JALON_GUARDED_BY(mutex_) = 0;
};

// What was told of the seat.
class Told {
 public:
  void Add(SignerSeat seat) {
    {
      MutexLock lock(mutex_);
      seats_.push_back(seat);
    }
    more_.notify_one();
  }
  std::vector<SignerSeat> Until(size_t count) {
    MutexLock lock(mutex_);
    lock.WaitFor(more_, kPatience, [&]() JALON_REQUIRES(mutex_) { return seats_.size() >= count; });
    return seats_;
  }

 private:
  Mutex mutex_;
  Condition more_;
  std::vector<SignerSeat> seats_ JALON_GUARDED_BY(mutex_);
};

class ClaimingTest : public testing::Test {
 protected:
  Claiming::Parts Parts() {
    return {.sink = sink_,
            .system = Partition{4},
            .claims = claims_,
            .clock = clock_,
            .tell = [this](SignerSeat seat) { told_.Add(seat); },
            .on_fault = [](const Error& error) { ADD_FAILURE() << error.message; }};
  }

  const SystemClock clock_;
  eventstore::SignerClaims claims_;
  LossySink sink_{claims_};
  Told told_;
};

TEST_F(ClaimingTest, TriesUntilItsClaimCountsUnderOneRequestId) {
  Claiming claiming(Parts(), {.claimant = {}, .key = {1, 2, 3}, .generation = 2});
  EXPECT_FALSE(claims_.MaySign());
  claiming.Start();
  EXPECT_EQ(told_.Until(2), (std::vector{SignerSeat::kClaiming, SignerSeat::kHeld}));
  EXPECT_TRUE(claims_.MaySign());
  EXPECT_EQ(sink_.tries(), 3);
  EXPECT_EQ(sink_.ids(), 1u);
  EXPECT_EQ(claims_.Last()->key, (trail::PublicKey{1, 2, 3}));
  EXPECT_EQ(claims_.Generation(), 2u);
}

TEST_F(ClaimingTest, SaysOnceThatAnotherClaimedAfterIt) {
  Claiming claiming(Parts(), {.claimant = {}, .key = {1}});
  claiming.Start();
  told_.Until(2);
  claims_.Counted({.claimant = Bytes(16, 'x'), .epoch = 8});
  claims_.Counted({.claimant = Bytes(16, 'y'), .epoch = 9});
  claiming.Stop();
  EXPECT_EQ(told_.Until(3),
            (std::vector{SignerSeat::kClaiming, SignerSeat::kHeld, SignerSeat::kSuperseded}));
  EXPECT_EQ(sink_.tries(), 3);  // it does not claim again
}

TEST_F(ClaimingTest, EndsWhileItsClaimIsNotTaken) {
  Claiming claiming(Parts(), {.claimant = {}, .key = {1}});
  claiming.Start();
  claiming.Stop();
  EXPECT_FALSE(claims_.MaySign());
}

}  // namespace
}  // namespace jalon::node
