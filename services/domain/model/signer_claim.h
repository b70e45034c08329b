// Who signs what the logs of the deployment hold: what the system partition knows of it.
#pragma once

#include <cstdint>

#include "eventstore/base/ids.h"
#include "services/domain/model/keys.h"

namespace jalon::domain {

// The last claim.
struct SignerClaimState {
  static constexpr RowKind kKind = RowKind::kSignerClaim;

  Bytes public_key;
  uint64_t epoch = 0;
  Bytes claimant;
  uint32_t generation = 0;

  void Fields(auto& archive) { archive(public_key, epoch, claimant, generation); }
  bool operator==(const SignerClaimState&) const = default;
};

}  // namespace jalon::domain
