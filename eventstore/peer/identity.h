// Who a process of the deployment is to the others: what its certificate says as a URI,
// "jalon://KIND/NAME". Example: jalon://node/school-3.
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "eventstore/base/result.h"

namespace jalon::eventstore {

enum class PeerKind : uint8_t { kNode, kVault, kSigner };

// "node", "vault", "signer".
std::string_view WordOf(PeerKind kind);
std::optional<PeerKind> PeerKindNamed(std::string_view word);

// A name is 1 to 63 of a-z, 0-9 and '-', which stands neither first nor last: what may also stand
// in a host's name.
bool IsPeerName(std::string_view name);

struct PeerIdentity {
  PeerKind kind = PeerKind::kNode;
  std::string name;

  std::string Uri() const;
  bool operator==(const PeerIdentity&) const = default;
};

// Strict: what Uri() makes, and nothing else. UNAUTHENTICATED PEER_UNKNOWN.
Result<PeerIdentity> ParsePeerUri(std::string_view uri);

}  // namespace jalon::eventstore
