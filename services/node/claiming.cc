#include "services/node/claiming.h"

#include <memory>
#include <string_view>
#include <utility>

#include "eventstore/base/random.h"
#include "eventstore/base/thread_name.h"
#include "services/api/own_command.h"
#include "services/client/request_id.h"
#include "services/domain/refusals.h"
#include "services/node/json_log.h"

namespace jalon::node {
namespace {

using eventstore::Outcome;
using eventstore::SignerClaim;
using eventstore::SignerSeat;

Bytes BytesOf(const trail::PublicKey& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

std::shared_ptr<event::v1::SignerClaimed> WantedOf(const SignerClaim& claim) {
  auto wanted = std::make_shared<event::v1::SignerClaimed>();
  wanted->set_public_key(BytesOf(claim.key));
  wanted->set_claimant(RandomBytes(eventstore::kClaimantBytes));
  wanted->set_generation(claim.generation);
  if (claim.previous_key) wanted->set_previous_public_key(BytesOf(*claim.previous_key));
  return wanted;
}

}  // namespace

Claiming::Claiming(Parts parts, const SignerClaim& claim)
    : parts_(std::move(parts)),
      wanted_(WantedOf(claim)),
      request_id_(client::NewRequestId(static_cast<uint64_t>(parts_.clock.Wall().count()) / 1000)) {
  parts_.claims.Begin(wanted_->claimant());
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

void Claiming::Submit() {
  eventstore::Submission submission =
      api::SubmissionOf({.wanted = wanted_,
                         .request_id = request_id_,
                         .until = parts_.clock.Monotonic() + kClaimAgain});
  submission.done = [on_fault = parts_.on_fault](const Outcome& outcome) {
    if (outcome.kind != Outcome::Kind::kRefused) return;  // it counts, or is tried again
    const auto refused = static_cast<const domain::Denied&>(*outcome.refusal).refusals().Sorted();
    on_fault({Code::kFailedPrecondition,
              "SIGNER_CLAIM_REFUSED",
              "the log does not take the signer's claim, for its " +
                  refused.front().subjects.front() +
                  ": another signer has claimed meanwhile, or runs another version; start this one "
                  "again",
              {}});
  };
  // A partition that is taken over meanwhile takes it at the next try.
  [[maybe_unused]] const Result<void> submitted =
      parts_.sink.Submit(parts_.system, std::move(submission));
}

}  // namespace jalon::node
