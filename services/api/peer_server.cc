#include "services/api/peer_server.h"

#include <absl/synchronization/mutex.h>
#include <grpc/support/time.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>

namespace jalon::api {
namespace {

constexpr int kMessageBytesMax = 1024 * 1024;  // each service has narrower limits of its own
constexpr int kMetadataBytesMax = 8 * 1024;
constexpr int kStreamsPerConnectionMax = 1024;  // a node has one connection to each peer
constexpr size_t kQuotaBytes = 128 * 1024 * 1024;
constexpr int kThreadsMax = 64;
constexpr int kMinute = 60 * 1000;
constexpr int kPingMillisMin =
    std::chrono::duration_cast<std::chrono::milliseconds>(eventstore::kPingEach).count() / 2;

void SetLimits(grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(kMessageBytesMax);
  builder->SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder->SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsPerConnectionMax);
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10'000);
  // A machine that is gone says nothing: its connection must not stay.
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kMinute);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  // A peer's own question, whether this one is gone, is no nuisance.
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                              kPingMillisMin);
  grpc::ResourceQuota quota;
  quota.Resize(kQuotaBytes).SetMaxThreads(kThreadsMax);
  builder->SetResourceQuota(quota);
}

}  // namespace

Result<std::unique_ptr<PeerServer>> PeerServer::Start(
    const PeerServerOptions& options, const eventstore::PeerCredentials& credentials,
    const std::vector<grpc::Service*>& services) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // as in server.cc
  auto server = std::unique_ptr<PeerServer>(new PeerServer());
  JALON_ASSIGN_OR_RETURN(server->listener_, Listener::Open(options.listen, "--peer-listen"));
  grpc::ServerBuilder builder;
  SetLimits(&builder);
  auto acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      credentials.ForServer());
  for (grpc::Service* service : services) builder.RegisterService(service);
  builder.RegisterService(&server->health_->service());
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr) {
    return Fail(Code::kUnavailable, "LISTEN_FAILED",
                "gRPC does not start: see what it says on standard error");
  }
  server->health_names_ = options.health_names;
  server->health_names_.emplace_back("");
  for (const std::string& name : server->health_names_) server->SetServing(name, false);
  server->SetServing("liveness", true);
  server->listener_->Start(std::move(acceptor), {.connections_max = options.connections_max,
                                                 .on_refused = options.on_refused});
  return server;
}

PeerServer::~PeerServer() { Drain(std::chrono::milliseconds(0)); }

void PeerServer::Drain(std::chrono::milliseconds patience) {
  if (server_ == nullptr) return;
  listener_->Stop();
  for (const std::string& name : health_names_) SetServing(name, false);
  health_->EndWatchers();
  server_->Shutdown(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                 gpr_time_from_millis(patience.count(), GPR_TIMESPAN)));
  server_->Wait();
  server_.reset();
}

}  // namespace jalon::api
