// Serves a vault to the nodes of the deployment: a gRPC service for a listener of peers. Each call
// is refused unless the certificate of its connection is that of a node.
//
// Threads: what is quick is done on the thread of gRPC that brought it; destroying and sweeping,
// which read or rewrite much, on threads of gRPC's that may wait.
#pragma once

#include <memory>

#include "eventstore/vault/local_vault.h"
#include "eventstore/vault/served/binding.h"
#include "eventstore/vault/served/standing.h"

namespace grpc {
class Service;
}

namespace jalon::eventstore {

class VaultServer {
 public:
  // `vault`, whose keys are those of one deployment, and `clock`, by which they are made, must
  // outlive it, and it the gRPC server that it is registered with. A sweep never removes a key that
  // is younger than kUnnamedKeysKept by that clock: that of a node may be wrong, or moved.
  // `standing`: whether it may serve at all; null: it may.
  static std::unique_ptr<VaultServer> Make(LocalVault& vault, DeploymentBinding& binding,
                                           const Clock& clock, Standing* standing = nullptr);
  virtual ~VaultServer() = default;

  virtual grpc::Service& service() = 0;
};

}  // namespace jalon::eventstore
