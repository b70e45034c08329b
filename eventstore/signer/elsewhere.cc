#include "eventstore/signer/elsewhere.h"

#include <utility>

namespace jalon::eventstore {

std::unexpected<Error> SignerElsewhere() {
  return Fail(
      Code::kUnavailable, kSignerElsewhere,
      "this node does not sign (it does not hold the deployment's signing key, or another one has "
      "claimed after it), and none that does answers just now: ask again in a moment; if it lasts, "
      "start the node that holds the key, or give this one its folder signer/, key and memory, and "
      "restart it");
}

std::unexpected<Error> NotSigned(Error refusal) {
  if (refusal.reason == "SIGNER_SUPERSEDED") return SignerElsewhere();
  return std::unexpected(std::move(refusal));
}

}  // namespace jalon::eventstore
