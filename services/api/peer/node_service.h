// What a node does for the others: decides commands of the partitions that it owns, and answers
// what only the one that signs can.
//
// Thread safety: any thread.
#pragma once

#include <grpcpp/impl/codegen/service_type.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "eventstore/base/clock.h"
#include "services/api/command_sink.h"
#include "services/api/method_table.h"
#include "services/api/peer/remote_signer.h"
#include "services/api/placement.h"
#include "services/token/cache.h"

namespace jalon::api {

// All must outlive the service and every call in it.
struct NodeServiceParts {
  const MethodTable& methods;
  token::Cache& tokens;
  // The node's own writers: what they do not own is answered NOT_OWNER.
  CommandSink& local;
  const Placement& placement;
  // What it answers where it signs; null until that is there.
  const std::atomic<const SignerAnswers*>& signer;
  const Clock& clock;  // the real one
  // Whether the peer of a call is a node of the deployment, from its certificate.
  std::function<bool(const grpc::CallbackServerContext&)> is_node;
};

// Register it on the peers' listener only: its callers' sections are sealed already.
std::unique_ptr<grpc::Service> MakeNodeService(NodeServiceParts parts);

}  // namespace jalon::api
