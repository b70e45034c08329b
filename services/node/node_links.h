// What a node on a shared log has beside one that is alone: the heartbeats of all, the way to other
// nodes and from them, commands routed to whoever owns their partition, and the public feed told by
// one node at a time.
//
// A node without certificates is alone: it hears whether others are there, and is refused if so.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "eventstore/peer/credentials.h"
#include "services/api/command_sink.h"
#include "services/api/method_table.h"
#include "services/api/peer/remote_signer.h"
#include "services/api/placement.h"
#include "services/node/config.h"
#include "services/node/data_folder.h"
#include "services/node/writers.h"
#include "services/token/cache.h"

namespace jalon::node {

// How the others name this node, and reach it.
struct NodeName {
  std::string node;
  std::string address;  // empty: it is alone
};

class NodeLinks {
 public:
  struct Parts {
    const Config& config;
    const NodeName& name;
    const eventstore::PeerCredentials* credentials;  // null: it is alone
    DataFolder& folder;                              // of a log on Kafka
    const api::MethodTable& methods;
    token::Cache& tokens;
    Writers& writers;
    const api::Placement& placement;
    std::function<bool()> signs;  // whether this node does, now
    const Clock& clock;           // the real one
    std::function<void(const Error&)> on_fault;
  };

  // All that is given must outlive it. NOT_FOUND LOG_NOT_BORN, OUTLET_NOT_BORN; UNAVAILABLE
  // LISTEN_FAILED.
  static Result<std::unique_ptr<NodeLinks>> Open(const Parts& parts);
  virtual ~NodeLinks() = default;

  // Where the door hands its commands.
  virtual api::CommandSink& sink() = 0;
  // The way to the node that signs. Null: this one is alone.
  virtual const api::RemoteSigner* signer() = 0;
  // What this node answers for others that do not sign. Once, before Start.
  virtual void Attach(api::SignerAnswers answers) = 0;
  virtual void Start() = 0;
  // Lets others take over what this node owns; takes commands meanwhile, here and from there.
  virtual void HandOver(std::chrono::milliseconds patience) = 0;
  // Commands that are still routed are answered. Before the writers drain.
  virtual void StopRouting() = 0;
  // After the writers drained: they answer what other nodes handed over, and what they counted last
  // is told.
  virtual void Stop() = 0;
};

}  // namespace jalon::node
