#include "services/api/call_threads.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include "services/domain/reasons.h"

namespace jalon::api {

grpc::Status ToOperatorStatus(const Error& error, Language language) {
  if (domain::ReasonNamed(error.reason) != refusal::v1::REFUSAL_REASON_UNSPECIFIED) {
    return ToStatus(error, language);
  }
  google::rpc::ErrorInfo info;
  info.set_reason(error.reason);
  info.set_domain("jalon.ca");
  google::rpc::Status status;
  status.set_code(static_cast<int>(error.code));
  status.set_message(error.message);
  status.add_details()->PackFrom(info);
  return {static_cast<grpc::StatusCode>(error.code), error.message, status.SerializeAsString()};
}

}  // namespace jalon::api
