// What trails are called here, and who signs them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eventstore/base/ids.h"
#include "eventstore/signer/signer.h"
#include "eventstore/signer/signer_claims.h"
#include "eventstore/trail/origin.h"

namespace jalon::api {

// Thread safety: const calls from any thread.
struct TrailNames {
  Bytes deployment;                      // 16 bytes, of the log's genesis
  eventstore::Signer* signer = nullptr;  // null: this node does not hold the deployment's key
  // As the log says; null: there is no generation but the first.
  const eventstore::SignerClaims* claims = nullptr;

  bool CanSign() const { return signer != nullptr && signer->MaySign(); }
  std::string OriginOf(std::string_view school_id, std::string_view company_id) const {
    return trail::TrailOrigin(deployment, school_id, company_id, Generation());
  }
  std::string ReceiptsOrigin(Partition partition) const {
    return trail::ReceiptsOrigin(deployment, partition.value, Generation());
  }
  std::string RootOrigin() const { return trail::RootOrigin(deployment, Generation()); }
  // The text of the key that the log of that origin is verified with: this node's, or that of the
  // last claim in the log; empty where nobody ever signed.
  std::string VerifierOf(const std::string& origin) const {
    if (signer != nullptr) return trail::FormatVerifierKey(signer->VerifierOf(origin));
    const auto claim = claims == nullptr ? std::nullopt : claims->Last();
    if (!claim) return {};
    return trail::FormatVerifierKey(
        trail::MakeVerifierKey(origin, trail::KeyType::kLog, claim->key));
  }

 private:
  uint32_t Generation() const {
    return claims == nullptr ? trail::kFirstGeneration : claims->Generation();
  }
};

}  // namespace jalon::api
