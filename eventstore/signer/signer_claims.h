// Who signs, as the log says it: the claims of signers that counted, in their order. The last one
// counts. A signer begins when its own claim has counted, and stops when it reads a later one; in
// between two may sign, and agree, since each signs only what it computed from the log.
//
//   none         nothing was claimed here: there is no signer, or a log without claims
//   claiming     this process has a name, and signs nothing until its claim is read
//   held         its claim is the last one
//   superseded   another one came after it: this process signs no more, until it starts again,
//                whatever is claimed under its name
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>

#include "eventstore/base/ids.h"
#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"
#include "eventstore/trail/key.h"
#include "eventstore/trail/origin.h"

namespace jalon::eventstore {

// Of a claimant's name, drawn at each start of a signer.
inline constexpr size_t kClaimantBytes = 16;

struct SignerClaim {
  Bytes claimant;
  trail::PublicKey key{};
  std::optional<trail::PublicKey> previous_key = {};  // signs beside it
  uint64_t epoch = 0;
  uint32_t generation = trail::kFirstGeneration;

  bool operator==(const SignerClaim&) const = default;
};

enum class SignerSeat : uint8_t { kNone, kClaiming, kHeld, kSuperseded };

// Thread safety: Counted and Begin from one thread each; the rest from any.
class SignerClaims {
 public:
  // The next claim that counted.
  void Counted(SignerClaim claim) JALON_EXCLUDES(mutex_);
  // From now on this process claims under that name, and signs only while it holds the seat. Once,
  // before that claim may count.
  void Begin(Bytes claimant) JALON_EXCLUDES(mutex_);

  SignerSeat Seat() const { return seat_.load(); }
  // UNAVAILABLE NOT_SERVING: the claim has not counted yet; FAILED_PRECONDITION SIGNER_SUPERSEDED.
  Result<void> MaySign() const;
  // The last part of the names under which logs are signed.
  uint32_t Generation() const { return generation_.load(); }
  std::optional<SignerClaim> Last() const JALON_EXCLUDES(mutex_);

  // Tells what is so now, and each change, once and in order, until Detach. `tell` may ask for the
  // seat and the generation, and nothing else of this.
  void Attach(std::function<void(SignerSeat)> tell) JALON_EXCLUDES(mutex_);
  void Detach() JALON_EXCLUDES(mutex_);

 private:
  void Sit(SignerSeat seat) JALON_REQUIRES(mutex_);

  std::atomic<SignerSeat> seat_ = SignerSeat::kNone;
  std::atomic<uint32_t> generation_ = trail::kFirstGeneration;
  mutable Mutex mutex_;
  Bytes mine_ JALON_GUARDED_BY(mutex_);
  std::optional<SignerClaim> last_ JALON_GUARDED_BY(mutex_);
  std::function<void(SignerSeat)> tell_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::eventstore
