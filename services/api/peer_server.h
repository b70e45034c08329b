// The gRPC port of peers: the processes of one deployment, behind mutual TLS (eventstore/peer). It
// may listen on any interface: nobody without a certificate of the deployment gets as far as a
// call. What it serves is given as gRPC services, each of which says whom it serves.
#pragma once

#include <grpcpp/server.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/result.h"
#include "eventstore/peer/credentials.h"
#include "services/api/health.h"
#include "services/api/listener.h"

namespace jalon::api {

struct PeerServerOptions {
  std::string listen;  // HOST:PORT; port 0: any
  // Names that health checks may ask for beside the whole: NOT_SERVING at first.
  std::vector<std::string> health_names{};
  size_t connections_max = 256;  // of a deployment's processes, each a few
  std::function<void(uint64_t refused)> on_refused{};
};

// Thread safety: every call may come from any thread.
class PeerServer {
 public:
  // UNAVAILABLE LISTEN_FAILED. The services must outlive it.
  static Result<std::unique_ptr<PeerServer>> Start(const PeerServerOptions& options,
                                                   const eventstore::PeerCredentials& credentials,
                                                   const std::vector<grpc::Service*>& services);
  ~PeerServer();

  int port() const { return listener_->port(); }

  // What health checks are told of a name; "" is the whole. "liveness" is always SERVING.
  void SetServing(const std::string& name, bool serving) { health_->Set(name, serving); }

  // NOT_SERVING, takes no new calls, and waits for those that are out; what is not answered after
  // `patience` is cancelled.
  void Drain(std::chrono::milliseconds patience);

 private:
  PeerServer() = default;

  std::vector<std::string> health_names_;
  const std::unique_ptr<Health> health_ = Health::Make();
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace jalon::api
