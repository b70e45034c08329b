#include "services/client/trail_export.h"

#include <grpcpp/create_channel.h>

#include <string>
#include <utility>

#include "jalon/trail/v1/trail_service.grpc.pb.h"
#include "services/client/streamed.h"

namespace jalon::client {

using trail::v1::ExportTrailRequest;
using trail::v1::ExportTrailResponse;
using trail::v1::TrailService;

struct TrailExports::Connection {
  std::unique_ptr<TrailService::Stub> stub;
  Options options;
};

TrailExports::TrailExports(std::string_view target, Options options)
    : connection_(std::make_unique<Connection>()) {
  connection_->stub = TrailService::NewStub(
      grpc::CreateChannel(std::string(target), grpc::InsecureChannelCredentials()));
  connection_->options = std::move(options);
}
TrailExports::~TrailExports() = default;

Reply TrailExports::Export(const ExportTrailRequest& request, const Step& step,
                           bool bounded) const {
  return ReadStream<ExportTrailResponse>(
      connection_->options, bounded,
      [&](grpc::ClientContext* context) {
        return connection_->stub->ExportTrail(context, request);
      },
      step);
}

}  // namespace jalon::client
