// The public gRPC port: limits, health, reflection, graceful end.
//
// It binds to the loopback interface only. gRPC 1.51 cannot defend itself against a peer that opens
// and resets streams as fast as it can, so nobody reaches it from elsewhere without something in
// front.
#pragma once

#include <grpcpp/server.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/result.h"
#include "services/api/health.h"
#include "services/api/listener.h"
#include "services/api/raw_service.h"
#include "services/api/reflection.h"

namespace jalon::api {

// One method with what serves it.
struct Endpoint {
  std::string path;
  RawHandler handler;
  RawStreamHandler stream = nullptr;  // instead, of a method that answers with a stream
};

// A connection that keeps a stream open and says nothing is never idle: so none becomes older than
// this. Clients connect anew; calls that are out then have the grace, which is longer than any may
// take, and streams are ended with it.
inline constexpr std::chrono::minutes kConnectionAgeMax{30};
inline constexpr std::chrono::seconds kConnectionGrace{15};

struct ServerOptions {
  std::string listen = "127.0.0.1:7411";  // port 0: any
  bool reflection = true;
  // Names that health checks may ask for beside the whole and its services: NOT_SERVING at first.
  std::vector<std::string> health_names{};
  // Connections at a time; never more than half of the descriptors that the process may have.
  size_t connections_max = 4096;
  std::chrono::milliseconds connection_age = kConnectionAgeMax;
  std::chrono::milliseconds connection_grace = kConnectionGrace;
  // Called now and then with how many more were closed at once; may be empty.
  std::function<void(uint64_t refused)> on_refused{};
  // Ends the streams of endpoints, when the server drains; may be empty.
  std::function<void()> end_streams{};
};

// Thread safety: every call may come from any thread.
class Server {
 public:
  // INVALID_ARGUMENT LISTEN_NOT_LOCAL, UNAVAILABLE LISTEN_FAILED, each with what to do. The
  // handlers must work until Drain returned.
  static Result<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                               std::vector<Endpoint> endpoints);
  ~Server();

  int port() const { return listener_->port(); }
  // For tests: a channel that needs no socket.
  std::shared_ptr<grpc::Channel> InProcessChannel();

  // What health checks are told: "" and every service. "liveness" is always SERVING.
  void SetServing(bool serving);
  // One of the options' health_names.
  void SetServing(const std::string& name, bool serving);
  // NOT_SERVING: the whole, every service, and every one of the health_names.
  void StopServing();

  // NOT_SERVING, then takes no new calls, ends those that stay open (watchers of health
  // and the feed, reflection), and waits for the others; what is not answered after `patience` is
  // cancelled.
  void Drain(std::chrono::milliseconds patience);

 private:
  Server() = default;

  std::vector<std::unique_ptr<RawService>> services_;
  std::vector<std::string> names_;  // of the services
  std::vector<std::string> health_names_;
  std::function<void()> end_streams_;
  const std::unique_ptr<Health> health_ = Health::Make();
  std::unique_ptr<Reflection> reflection_;  // null: without
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace jalon::api
