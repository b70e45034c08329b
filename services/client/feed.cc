#include "services/client/feed.h"

#include <grpcpp/create_channel.h>

#include <string>
#include <utility>

#include "jalon/feed/v1/feed_service.grpc.pb.h"
#include "services/client/streamed.h"

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
  return ReadStream<WatchEventsResponse>(
      connection_->options, bounded,
      [&](grpc::ClientContext* context) {
        return connection_->stub->WatchEvents(context, request);
      },
      step);
}

}  // namespace jalon::client
