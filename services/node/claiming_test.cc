#include "services/node/claiming.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <future>
#include <memory>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "eventstore/trail/rotation.h"
#include "services/domain/refusals.h"
#include "services/domain/request.h"
#include "services/domain/signed_claim.h"

namespace jalon::node {
namespace {

using eventstore::Outcome;
using eventstore::SignerClaim;
using eventstore::SignerSeat;

constexpr std::chrono::seconds kPatience{30};
const Bytes kDeployment(16, 'D');

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
    EXPECT_TRUE(domain::IsSigned(wanted, kDeployment));
    const auto last = claims_.Last();
    if (late_) {
      done_.push_back(std::move(submission.done));
      return {};
    }
    if (refused_) {
      submission.done(Refused("public_key"));
      return {};
    }
    if (tries_ == 3 && overtaken_) {
      claims_.Counted({.claimant = Bytes(16, 'o'), .epoch = wanted.epoch()});
      submission.done(Refused("epoch"));
      return {};
    }
    EXPECT_EQ(wanted.epoch(), (last ? last->epoch : 0) + 1);
    rotations_ = wanted.rotations_size();
    SignerClaim claim{
        .claimant = wanted.claimant(), .epoch = wanted.epoch(), .generation = wanted.generation()};
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
  // From now on another one's claim comes first.
  void Overtake() {
    MutexLock lock(mutex_);
    overtaken_ = true;
  }
  // From now on the key is not taken.
  void Refuse() {
    MutexLock lock(mutex_);
    refused_ = true;
  }
  // From now on nothing is answered.
  void BeLate() {
    MutexLock lock(mutex_);
    late_ = true;
  }
  // Until it was given that many then.
  std::vector<std::function<void(Outcome)>> Unanswered(size_t count) {
    for (;;) {
      {
        MutexLock lock(mutex_);
        if (done_.size() >= count) return std::move(done_);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  static Outcome Refused(const std::string& field) {
    Outcome outcome;
    outcome.kind = Outcome::Kind::kRefused;
    outcome.refusal = std::make_shared<const domain::Denied>(
        domain::Refusals().Add(domain::Reason::FIELD_INVALID, field));
    return outcome;
  }
  int rotations() {
    MutexLock lock(mutex_);
    return rotations_;
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
  int rotations_ JALON_GUARDED_BY(mutex_) = 0;
  bool overtaken_ JALON_GUARDED_BY(mutex_) = false;
  bool refused_ JALON_GUARDED_BY(mutex_) = false;
  bool late_ JALON_GUARDED_BY(mutex_) = false;
  std::vector<std::function<void(Outcome)>> done_ JALON_GUARDED_BY(mutex_);
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

  WantedClaim Wanted(uint32_t generation = 1) const {
    return {.keys = key_, .deployment = kDeployment, .generation = generation};
  }

  const eventstore::SigningKey key_{trail::Seed{1, 2, 3}};
  const SystemClock clock_;
  eventstore::SignerClaims claims_;
  LossySink sink_{claims_};
  Told told_;
};

TEST_F(ClaimingTest, TriesUntilItsClaimCounts) {
  Claiming claiming(Parts(), Wanted(2));
  EXPECT_FALSE(claims_.MaySign());
  claiming.Start();
  EXPECT_EQ(told_.Until(2), (std::vector{SignerSeat::kClaiming, SignerSeat::kHeld}));
  EXPECT_TRUE(claims_.MaySign());
  EXPECT_EQ(sink_.tries(), 3);
  EXPECT_EQ(sink_.ids(), 3u);  // none of which gets old
  EXPECT_EQ(claims_.Last()->key, key_.PublicKey());
  EXPECT_EQ(claims_.Generation(), 2u);
}

TEST_F(ClaimingTest, ClaimsAgainAfterOneThatCameFirst) {
  sink_.Overtake();
  claims_.Counted({.claimant = Bytes(16, 'z'), .key = key_.PublicKey(), .epoch = 4});
  Claiming claiming(Parts(), Wanted());
  claiming.Start();
  EXPECT_EQ(told_.Until(2), (std::vector{SignerSeat::kClaiming, SignerSeat::kHeld}));
  EXPECT_EQ(sink_.tries(), 4);
  EXPECT_EQ(claims_.Last()->epoch, 6u);
}

TEST_F(ClaimingTest, BringsTheNotesThatLeadFromTheLastKey) {
  const eventstore::SigningKey first(trail::Seed{7});
  const eventstore::SigningKey second(trail::Seed{8});
  const auto note = [](const auto& from, const auto& to) {
    return trail::FormatRotation(from.Of(std::string(trail::kRotationName)), to.PublicKey());
  };
  const std::vector<std::string> notes = {note(first, second), note(second, key_)};
  EXPECT_EQ(RotationsFrom(first.PublicKey(), notes), notes);
  EXPECT_EQ(RotationsFrom(second.PublicKey(), notes), std::vector{notes[1]});
  EXPECT_TRUE(RotationsFrom(trail::PublicKey{9}, notes).empty());
  claims_.Counted({.claimant = Bytes(16, 'z'), .key = second.PublicKey(), .epoch = 4});
  WantedClaim wanted = Wanted();
  wanted.rotations = notes;
  Claiming claiming(Parts(), std::move(wanted));
  claiming.Start();
  told_.Until(2);
  EXPECT_EQ(sink_.rotations(), 1);
}

TEST_F(ClaimingTest, SaysOnceThatAnotherClaimedAfterIt) {
  Claiming claiming(Parts(), Wanted());
  claiming.Start();
  told_.Until(2);
  claims_.Counted({.claimant = Bytes(16, 'x'), .epoch = 8});
  claims_.Counted({.claimant = Bytes(16, 'y'), .epoch = 9});
  claiming.Stop();
  EXPECT_EQ(told_.Until(3),
            (std::vector{SignerSeat::kClaiming, SignerSeat::kHeld, SignerSeat::kSuperseded}));
  EXPECT_EQ(sink_.tries(), 3);  // it does not claim again
}

TEST_F(ClaimingTest, AClaimThatIsNotTakenEndsTheNode) {
  sink_.Refuse();
  std::promise<Error> fault;
  Claiming::Parts parts = Parts();
  parts.on_fault = [&, told = false](const Error& error) mutable {
    if (!std::exchange(told, true)) fault.set_value(error);
  };
  Claiming claiming(std::move(parts), Wanted());
  claiming.Start();
  const Error error = fault.get_future().get();
  EXPECT_EQ(error.reason, "SIGNER_CLAIM_REFUSED");
  EXPECT_NE(error.message.find("public_key"), std::string::npos);
  EXPECT_FALSE(claims_.MaySign());
}

// The sink has it still, and answers when it ends itself.
TEST_F(ClaimingTest, AnAnswerThatComesAfterItsEndIsToldNobody) {
  std::vector<std::function<void(Outcome)>> unanswered;
  {
    Claiming claiming(Parts(), Wanted());
    claiming.Start();
    while (sink_.tries() < 2) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    sink_.BeLate();
    unanswered = sink_.Unanswered(2);
  }
  for (const auto& done : unanswered) done(LossySink::Refused("public_key"));
}

TEST_F(ClaimingTest, EndsWhileItsClaimIsNotTaken) {
  Claiming claiming(Parts(), Wanted());
  claiming.Start();
  claiming.Stop();
  EXPECT_FALSE(claims_.MaySign());
}

}  // namespace
}  // namespace jalon::node
