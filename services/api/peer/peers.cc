#include "services/api/peer/peers.h"

#include <grpc/support/time.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>

#include <memory>
#include <utility>

#include "eventstore/peer/credentials.h"
#include "jalon/node/v1/node_service.grpc.pb.h"
#include "services/api/method_table.h"

namespace jalon::api {
namespace {

constexpr int kReconnectMsMin = 50;
constexpr int kReconnectMsMax = 500;  // a node that is back is found within a heartbeat
constexpr size_t kChannelsMax = 256;

template <typename Request, typename Response>
struct Calling {
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<node::v1::NodeService::Stub> stub;
  grpc::ClientContext context;
  std::shared_ptr<const Request> request;
  Response response;
  std::function<void(const grpc::Status&, Response)> done;
};

// gRPC has no code for it; its words come from the system's.
bool SaysRefused(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE &&
         status.error_message().find("Connection refused") != std::string::npos;
}

}  // namespace

std::shared_ptr<grpc::Channel> Peers::ChannelTo(const std::string& address) {
  MutexLock lock(mutex_);
  if (channels_.size() >= kChannelsMax) channels_.clear();  // nodes that came and went
  std::shared_ptr<grpc::Channel>& channel = channels_[address];
  if (channel == nullptr) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMsMin);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kReconnectMsMax);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMsMax);
    eventstore::KeepAlive(&arguments);
    // Each channel its own connection, so that one that is stuck can be told from another.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    channel = grpc::CreateCustomChannel(address, credentials_, arguments);
  }
  return channel;
}

void Peers::Forget(const std::string& address, const grpc::Channel* refused) {
  MutexLock lock(mutex_);
  const auto found = channels_.find(address);
  if (found != channels_.end() && found->second.get() == refused) channels_.erase(found);
}

template <typename Request, typename Response, typename Method>
void Peers::Call(const std::string& address, std::shared_ptr<const Request> request,
                 std::chrono::microseconds patience, Method method, Called<Response> done) {
  auto* calling = new Calling<Request, Response>();
  calling->channel = ChannelTo(address);
  calling->stub = node::v1::NodeService::NewStub(calling->channel);
  calling->context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                             gpr_time_from_micros(patience.count(), GPR_TIMESPAN)));
  calling->request = std::move(request);
  calling->done = std::move(done);
  outstanding_.Begin();
  method(*calling->stub->async(), &calling->context, calling->request.get(), &calling->response,
         [this, address, calling](const grpc::Status& status) {
           std::unique_ptr<Calling<Request, Response>> owned(calling);
           if (SaysRefused(status)) Forget(address, owned->channel.get());
           owned->done(status, std::move(owned->response));
           owned.reset();  // it holds the channel, whose end waits for this very thread
           outstanding_.End();
         });
}

void Peers::Forward(const std::string& address,
                    std::shared_ptr<const node::v1::ForwardRequest> request,
                    std::chrono::microseconds patience, Done done) {
  Call<node::v1::ForwardRequest, node::v1::ForwardResponse>(
      address, std::move(request), patience,
      [](auto& stub, auto... call) { stub.Forward(std::move(call)...); },
      [done = std::move(done)](const grpc::Status& status, node::v1::ForwardResponse response) {
        if (status.ok()) return done(std::move(response));
        done(std::unexpected(PeerError{SaysRefused(status), status.error_message()}));
      });
}

void Peers::MakeReceipts(
    const std::string& address, std::shared_ptr<const node::v1::MakeReceiptsRequest> request,
    std::chrono::microseconds patience,
    std::function<void(const grpc::Status&, node::v1::MakeReceiptsResponse)> done) {
  Call<node::v1::MakeReceiptsRequest, node::v1::MakeReceiptsResponse>(
      address, std::move(request), patience,
      [](auto& stub, auto... call) { stub.MakeReceipts(std::move(call)...); }, std::move(done));
}

void Peers::AnswerQuery(
    const std::string& address, std::shared_ptr<const node::v1::AnswerQueryRequest> request,
    std::chrono::microseconds patience,
    std::function<void(const grpc::Status&, node::v1::AnswerQueryResponse)> done) {
  Call<node::v1::AnswerQueryRequest, node::v1::AnswerQueryResponse>(
      address, std::move(request), patience,
      [](auto& stub, auto... call) { stub.AnswerQuery(std::move(call)...); }, std::move(done));
}

}  // namespace jalon::api
