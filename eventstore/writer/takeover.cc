#include "eventstore/writer/takeover.h"

#include <utility>

#include "eventstore/base/limits.h"
#include "eventstore/log/record.h"
#include "eventstore/writer/seeded_bugs.h"

namespace jalon::eventstore {

Takeover::Takeover(ClaimIdentity identity, Micros claim_timeout, Log& log,
                   std::function<uint64_t()> random)
    : identity_(std::move(identity)),
      claim_timeout_(claim_timeout),
      log_(log),
      random_(std::move(random)) {}

void Takeover::Begin() {
  sampled_ = false;
  claim_.reset();
  next_at_ = Micros::min();
}

Result<void> Takeover::Advance(const PartitionState& state, Offset read_to, Micros now) {
  if (now < next_at_) return {};
  if (!sampled_) {
    next_at_ = now + claim_timeout_;  // unless this goes well
    JALON_RETURN_IF_ERROR(state.CheckAnchor());
    JALON_ASSIGN_OR_RETURN(target_, log_.Head(identity_.partition));
    sampled_ = true;
    next_at_ = Micros::min();
  }
  if (read_to < target_) return {};
  if (!claim_) claim_ = MakeClaim(state);
  next_at_ = now + claim_timeout_;
  return log_.Append(identity_.partition, {claim_});
}

Blob Takeover::MakeClaim(const PartitionState& state) {
  const uint64_t random[] = {random_(), random_()};
  nonce_.assign(reinterpret_cast<const char*>(random), sizeof random);
  const ChainHead& head = state.head();
  log::v1::Claim claim;
  claim.set_level(state.level());
  claim.set_epoch(head.epoch.Next().value);
  claim.set_nonce(nonce_);
  claim.set_node(identity_.node);
  claim.set_address(identity_.address);
  claim.set_base_seq(head.seq.value);
  claim.set_base_hash(View(head.hash).data(), head.hash.size());
  return EncodeClaim(claim);
}

bool Takeover::IsMine(std::string_view nonce) const {
  return claim_ && (nonce == nonce_ || Seeded(SeededBug::kAnyClaimIsMine));
}

Micros Takeover::BackOff() const {
  const Micros least = limits::kClaimBackoffMin;
  const Micros most = limits::kClaimBackoffMax;
  const auto span = static_cast<uint64_t>((most - least).count());
  return least + Micros(static_cast<int64_t>(random_() % span));
}

}  // namespace jalon::eventstore
