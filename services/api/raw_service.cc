#include "services/api/raw_service.h"

#include <grpcpp/impl/codegen/rpc_service_method.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace jalon::api {

void RawService::Add(const std::string& path, RawHandler handler) {
  // gRPC keeps the pointer for as long as the process lives, and methods are added once.
  const char* name = strdup(path.c_str());
  AddMethod(
      new grpc::internal::RpcServiceMethod(name, grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
  MarkMethodRawCallback(
      count_++, new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
                    std::move(handler)));
}

}  // namespace jalon::api
