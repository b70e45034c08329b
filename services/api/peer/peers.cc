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

struct Calling {
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<node::v1::NodeService::Stub> stub;
  grpc::ClientContext context;
  std::shared_ptr<const node::v1::ForwardRequest> request;
  node::v1::ForwardResponse response;
  Peers::Done done;
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

void Peers::Forward(const std::string& address,
                    std::shared_ptr<const node::v1::ForwardRequest> request,
                    std::chrono::microseconds patience, Done done) {
  auto* calling = new Calling();
  calling->channel = ChannelTo(address);
  calling->stub = node::v1::NodeService::NewStub(calling->channel);
  calling->context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                             gpr_time_from_micros(patience.count(), GPR_TIMESPAN)));
  calling->request = std::move(request);
  calling->done = std::move(done);
  outstanding_.Begin();
  calling->stub->async()->Forward(
      &calling->context, calling->request.get(), &calling->response,
      [this, address, calling](const grpc::Status& status) {
        std::unique_ptr<Calling> owned(calling);
        if (status.ok()) {
          owned->done(std::move(owned->response));
        } else {
          const bool refused = SaysRefused(status);
          if (refused) Forget(address, owned->channel.get());
          owned->done(std::unexpected(PeerError{refused, status.error_message()}));
        }
        owned.reset();  // it holds the channel, whose end waits for this very thread
        outstanding_.End();
      });
}

}  // namespace jalon::api
