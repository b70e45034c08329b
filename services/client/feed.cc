#include "services/client/feed.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>

#include <chrono>
#include <string>
#include <utility>

#include "jalon/feed/v1/feed_service.grpc.pb.h"
#include "services/client/status.h"

namespace jalon::client {

using feed::v1::FeedService;
using feed::v1::WatchEventsRequest;
using feed::v1::WatchEventsResponse;

struct Feed::Connection {
  std::unique_ptr<FeedService::Stub> stub;
  Options options;
};

Feed::Feed(std::string_view target, Options options) : connection_(std::make_unique<Connection>()) {
  connection_->stub = FeedService::NewStub(
      grpc::CreateChannel(std::string(target), grpc::InsecureChannelCredentials()));
  connection_->options = std::move(options);
}
Feed::~Feed() = default;

Reply Feed::Watch(const WatchEventsRequest& request, const Step& step, bool bounded) const {
  const Options& options = connection_->options;
  grpc::ClientContext context;
  if (bounded) {
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::milliseconds(options.deadline_ms));
  }
  context.set_wait_for_ready(options.wait_for_server);
  if (!options.token.empty()) context.AddMetadata("authorization", "Bearer " + options.token);
  context.AddMetadata("accept-language", options.language);
  const auto stream = connection_->stub->WatchEvents(&context, request);
  WatchEventsResponse response;
  bool ended = false;
  while (stream->Read(&response)) {
    if (ended || step(response)) continue;
    ended = true;
    context.TryCancel();
  }
  Reply reply;
  const grpc::Status status = stream->Finish();
  if (ended) {
    reply.ok = true;
  } else {
    ReadStatus(status, &reply);
  }
  return reply;
}

}  // namespace jalon::client
