// The standby of a vault, for a listener of peers: takes every change of the vault's keys, and
// makes its own those of the vault where it misses any.
//
// Threads: calls run on threads of gRPC's that may wait; one at a time changes anything.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "eventstore/vault/local_vault.h"
#include "eventstore/vault/served/binding.h"
#include "eventstore/vault/served/standing.h"

namespace grpc {
class Service;
}

namespace jalon::eventstore {

class StandbyServer {
 public:
  struct Parts {
    LocalVault& vault;  // of the standby
    DeploymentBinding& binding;
    Standing& standing;
    std::string of;  // the name of the vault in its certificate: nobody else is served
  };
  // All must outlive it, and it the gRPC server that it is registered with.
  static std::unique_ptr<StandbyServer> Make(const Parts& parts);
  virtual ~StandbyServer() = default;

  virtual grpc::Service& service() = 0;
  // From here on it is the vault, and takes nothing more. FAILED_PRECONDITION VAULT_IS_NO_STANDBY;
  // VAULT_STANDBY_EMPTY: it was never given any key; VAULT_STANDBY_BEHIND: not every one, unless
  // `forced` names the term that begins.
  virtual Result<void> Promote(std::optional<uint64_t> forced = std::nullopt) = 0;
};

}  // namespace jalon::eventstore
