// What trails are called here, and who signs them.
#pragma once

#include <string>
#include <string_view>

#include "eventstore/base/ids.h"
#include "eventstore/signer/signer.h"
#include "eventstore/trail/origin.h"

namespace jalon::api {

// Thread safety: const calls from any thread.
struct TrailNames {
  Bytes deployment;                      // 16 bytes, of the log's genesis
  eventstore::Signer* signer = nullptr;  // null: this node does not hold the deployment's key

  bool CanSign() const { return signer != nullptr && signer->MaySign(); }

  std::string OriginOf(std::string_view school_id, std::string_view company_id) const {
    return trail::TrailOrigin(deployment, school_id, company_id);
  }
  // The text of the key that the log of that origin is verified with; empty without a signer.
  std::string VerifierOf(const std::string& origin) const {
    return signer == nullptr ? "" : trail::FormatVerifierKey(signer->VerifierOf(origin));
  }
};

}  // namespace jalon::api
