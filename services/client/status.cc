#include "services/client/status.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

namespace jalon::client {

void ReadStatus(const grpc::Status& status, Reply* reply) {
  reply->ok = status.ok();
  if (status.ok()) return;
  reply->error.code = static_cast<Code>(status.error_code());
  reply->error.message = status.error_message();
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return;
  for (const auto& any : details.details()) {
    google::rpc::ErrorInfo info;
    if (any.UnpackTo(&info)) {
      reply->error.reason = info.reason();
      reply->error.metadata = {info.metadata().begin(), info.metadata().end()};
      continue;
    }
    any.UnpackTo(&reply->refusals);
  }
}

}  // namespace jalon::client
