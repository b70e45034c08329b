#include "eventstore/signer/signer_claims.h"

#include <utility>

namespace jalon::eventstore {

void SignerClaims::Counted(SignerClaim claim) {
  MutexLock lock(mutex_);
  const bool is_mine = !mine_.empty() && claim.claimant == mine_;
  // Before the generation: it signs nothing under the name of another's.
  if (seat_ == SignerSeat::kHeld && !is_mine) Sit(SignerSeat::kSuperseded);
  generation_ = claim.generation;
  last_ = std::move(claim);
  if (is_mine && seat_ == SignerSeat::kClaiming) Sit(SignerSeat::kHeld);
}

void SignerClaims::Begin(Bytes claimant) {
  MutexLock lock(mutex_);
  mine_ = std::move(claimant);
  Sit(SignerSeat::kClaiming);
}

Result<void> SignerClaims::MaySign() const {
  switch (Seat()) {
    case SignerSeat::kNone:
    case SignerSeat::kHeld:
      return {};
    case SignerSeat::kClaiming:
      return Fail(Code::kUnavailable, "NOT_SERVING",
                  "this signer's claim has not counted yet: try again in a moment");
    case SignerSeat::kSuperseded:
      break;
  }
  return Fail(Code::kFailedPrecondition, "SIGNER_SUPERSEDED",
              "another signer has claimed after this one, which signs no more: start only one with "
              "this key, and this one again if it is to be that one");
}

std::optional<SignerClaim> SignerClaims::Last() const {
  MutexLock lock(mutex_);
  return last_;
}

void SignerClaims::Attach(std::function<void(SignerSeat)> tell) {
  MutexLock lock(mutex_);
  tell_ = std::move(tell);
  tell_(seat_);
}

void SignerClaims::Detach() {
  MutexLock lock(mutex_);
  tell_ = nullptr;
}

void SignerClaims::Sit(SignerSeat seat) {
  if (seat_.exchange(seat) != seat && tell_) tell_(seat);
}

}  // namespace jalon::eventstore
