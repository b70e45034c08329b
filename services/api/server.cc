#include "services/api/server.h"

#include <absl/synchronization/mutex.h>
#include <fmt/format.h>
#include <grpc/support/time.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>
#include <sys/resource.h>

#include <algorithm>
#include <map>
#include <utility>

#include "services/api/method_table.h"
#include "services/api/reflection.h"

namespace jalon::api {
namespace {

constexpr int kMetadataBytesMax = 8 * 1024;
constexpr int kStreamsPerConnectionMax = 512;
constexpr size_t kQuotaBytes = 256 * 1024 * 1024;
constexpr int kThreadsMax = 64;  // the callback API needs few; this bounds what a flood can make
constexpr int kMinute = 60 * 1000;

bool IsLocal(std::string_view listen) {
  return listen.starts_with("127.0.0.1:") || listen.starts_with("localhost:") ||
         listen.starts_with("[::1]:");
}

int Millis(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

void SetLimits(const ServerOptions& options, grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(static_cast<int>(kImportBytesMax));
  // A small compressed message may be a large one: the limit would be seen only after inflating it.
  builder->SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder->SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsPerConnectionMax);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 5 * kMinute);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Millis(options.connection_age));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                              Millis(options.connection_grace));
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10'000);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5 * kMinute);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 0);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kMinute);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  grpc::ResourceQuota quota;
  quota.Resize(kQuotaBytes).SetMaxThreads(kThreadsMax);
  builder->SetResourceQuota(quota);
}

size_t HalfOfDescriptors() {
  rlimit limit{};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur / 2 : 0;
}

// "/jalon.stay.v1.StayService/EndStay" → "jalon.stay.v1.StayService".
std::string ServiceOf(const std::string& path) { return path.substr(1, path.rfind('/') - 1); }

}  // namespace

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                              std::vector<Endpoint> endpoints) {
  if (!IsLocal(options.listen)) {
    return Fail(Code::kInvalidArgument, "LISTEN_NOT_LOCAL",
                fmt::format("--listen {} is not on the loopback interface: use 127.0.0.1:PORT, and "
                            "put a proxy with client certificates in front to reach it from "
                            "elsewhere",
                            options.listen));
  }
  // Debian builds Abseil without NDEBUG: it looks each lock of gRPC's up in a graph of all locks.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  auto server = std::unique_ptr<Server>(new Server());
  JALON_ASSIGN_OR_RETURN(server->listener_, Listener::Open(options.listen));
  std::map<std::string, RawService*> by_name;
  for (Endpoint& endpoint : endpoints) {
    const std::string name = ServiceOf(endpoint.path);
    RawService*& service = by_name[name];
    if (service == nullptr) {
      server->services_.push_back(std::make_unique<RawService>());
      server->names_.push_back(name);
      service = server->services_.back().get();
    }
    if (endpoint.stream) {
      service->Add(endpoint.path, std::move(endpoint.stream));
    } else {
      service->Add(endpoint.path, std::move(endpoint.handler));
    }
  }
  grpc::ServerBuilder builder;
  SetLimits(options, &builder);
  auto acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      grpc::InsecureServerCredentials());
  for (const auto& service : server->services_) builder.RegisterService(service.get());
  if (options.reflection) {
    std::vector<std::string> names = server->names_;
    names.push_back("grpc.health.v1.Health");
    server->reflection_ = Reflection::Make(std::move(names));
    for (grpc::Service* service : server->reflection_->services()) builder.RegisterService(service);
  }
  builder.RegisterService(&server->health_->service());
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr) {
    return Fail(Code::kUnavailable, "LISTEN_FAILED",
                "gRPC does not start: see what it says on standard error");
  }
  server->SetServing("liveness", true);
  server->health_names_ = options.health_names;
  server->end_streams_ = options.end_streams;
  server->StopServing();
  server->listener_->Start(std::move(acceptor), {.connections_max = std::min(
                                                     options.connections_max, HalfOfDescriptors()),
                                                 .on_refused = options.on_refused});
  return server;
}

Server::~Server() { Drain(std::chrono::milliseconds(0)); }

std::shared_ptr<grpc::Channel> Server::InProcessChannel() {
  return server_->InProcessChannel(grpc::ChannelArguments());
}

void Server::SetServing(bool serving) {
  for (const std::string& name : names_) SetServing(name, serving);
  SetServing("", serving);
}

void Server::StopServing() {
  SetServing(false);
  for (const std::string& name : health_names_) SetServing(name, false);
}

void Server::SetServing(const std::string& name, bool serving) { health_->Set(name, serving); }

void Server::Drain(std::chrono::milliseconds patience) {
  if (server_ == nullptr) return;
  listener_->Stop();
  StopServing();
  health_->EndWatchers();
  if (reflection_ != nullptr) reflection_->EndStreams();
  if (end_streams_) end_streams_();
  server_->Shutdown(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                 gpr_time_from_millis(patience.count(), GPR_TIMESPAN)));
  server_->Wait();
  server_.reset();
}

}  // namespace jalon::api
