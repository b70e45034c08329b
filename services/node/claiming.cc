#include "services/node/claiming.h"

#include <memory>
#include <string_view>
#include <utility>

#include "eventstore/base/random.h"
#include "eventstore/base/thread_name.h"
#include "eventstore/trail/rotation.h"
#include "services/api/own_command.h"
#include "services/client/request_id.h"
#include "services/domain/refusals.h"
#include "services/domain/signed_claim.h"
#include "services/node/json_log.h"

namespace jalon::node {
namespace {

using eventstore::Outcome;
using eventstore::SignerSeat;

Bytes BytesOf(const trail::PublicKey& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

// That it is tried again must not be silent for ever.
void TellFailed(std::atomic<uint64_t>& failed, const Error& why) {
  if (failed.fetch_add(1) % kTriesPerWord != 0) return;
  LogError("the signer's claim is not taken yet, and nothing is signed: it is tried again", why);
}

// What the log has against it, by field; empty: nothing is said.
std::string WrongIn(const Outcome& outcome) {
  const auto refused = static_cast<const domain::Denied&>(*outcome.refusal).refusals().Sorted();
  if (refused.empty() || refused.front().subjects.empty()) return {};
  return refused.front().subjects.front();
}

}  // namespace

std::vector<std::string> RotationsFrom(const trail::PublicKey& key,
                                       const std::vector<std::string>& rotations) {
  for (size_t i = 0; i < rotations.size(); ++i) {
    if (!trail::OpenRotation(rotations[i], key)) continue;
    return {rotations.begin() + static_cast<ptrdiff_t>(i), rotations.end()};
  }
  return {};
}

Claiming::Claiming(Parts parts, WantedClaim wanted)
    : parts_(std::move(parts)),
      wanted_(std::move(wanted)),
      claimant_(RandomBytes(eventstore::kClaimantBytes)) {
  parts_.claims.Begin(claimant_);
}

void Claiming::Start() {
  parts_.claims.Attach([this](SignerSeat seat) {
    parts_.tell(seat);
    {
      MutexLock lock(mutex_);  // it may be about to wait
    }
    wake_.notify_one();
  });
  thread_ = std::jthread([this] { Run(); });
}

void Claiming::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  parts_.claims.Detach();
  MutexLock lock(tries_->mutex);
  tries_->over = true;
}

void Claiming::Run() {
  NameThread("claim");
  const auto is_over = [this]() JALON_REQUIRES(mutex_) {
    return stopping_ || parts_.claims.Seat() != SignerSeat::kClaiming;
  };
  for (;;) {
    Submit();
    MutexLock lock(mutex_);
    if (lock.WaitFor(wake_, kClaimAgain, is_over)) return;
  }
}

std::shared_ptr<event::v1::SignerClaimed> Claiming::Signed() const {
  const auto last = parts_.claims.Last();
  const eventstore::SigningKey& key = wanted_.keys.now;
  auto claim = std::make_shared<event::v1::SignerClaimed>();
  claim->set_claimant(claimant_);
  claim->set_epoch((last ? last->epoch : 0) + 1);
  claim->set_generation(wanted_.generation);
  if (wanted_.keys.before) {
    claim->set_previous_public_key(BytesOf(wanted_.keys.before->PublicKey()));
  }
  if (last && last->key != key.PublicKey()) {
    const std::vector<std::string> notes = RotationsFrom(last->key, wanted_.rotations);
    for (const std::string& note : notes) claim->add_rotations(note);
    claim->set_replaces_lost_key(notes.empty() && wanted_.replaces_lost_key);
  }
  domain::SignClaim(key.Of("jalon-signer-claim"), wanted_.deployment, claim.get());
  return claim;
}

void Claiming::Submit() {
  // An id of its own: a claim counts once by its epoch, and an old id would expire.
  eventstore::Submission submission =
      api::SubmissionOf({.wanted = Signed(),
                         .request_id = client::NewRequestId(
                             static_cast<uint64_t>(parts_.clock.Wall().count()) / 1000),
                         .until = parts_.clock.Monotonic() + kClaimAgain});
  submission.done = [on_fault = parts_.on_fault, tries = tries_](const Outcome& outcome) {
    MutexLock lock(tries->mutex);
    if (tries->over) return;
    if (outcome.kind == Outcome::Kind::kFailed) return TellFailed(tries->failed, outcome.error);
    if (outcome.kind != Outcome::Kind::kRefused) return;
    const std::string wrong = WrongIn(outcome);
    if (wrong == "epoch") {
      return TellFailed(tries->failed, {Code::kUnavailable,
                                        "NOT_SERVING",
                                        "another signer's claim came first, and is being read",
                                        {}});
    }
    on_fault({Code::kFailedPrecondition,
              "SIGNER_CLAIM_REFUSED",
              "the log does not take the signer's claim, for its " + wrong +
                  ": another signer has claimed meanwhile, or runs another version; start this one "
                  "again",
              {}});
  };
  // A partition that is taken over meanwhile takes it at the next try.
  const Result<void> submitted = parts_.sink.Submit(parts_.system, std::move(submission));
  if (!submitted) TellFailed(tries_->failed, submitted.error());
}

}  // namespace jalon::node
