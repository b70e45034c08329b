#include "services/api/raw_service.h"

#include <grpcpp/impl/codegen/rpc_service_method.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>

#include <utility>

namespace jalon::api {

void RawService::Add(const std::string& path, RawHandler handler) {
  const std::string& name = paths_.emplace_back(path);
  AddMethod(new grpc::internal::RpcServiceMethod(name.c_str(),
                                                 grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
  MarkMethodRawCallback(
      static_cast<int>(paths_.size()) - 1,
      new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
          std::move(handler)));
}

void RawService::Add(const std::string& path, RawStreamHandler handler) {
  const std::string& name = paths_.emplace_back(path);
  AddMethod(new grpc::internal::RpcServiceMethod(
      name.c_str(), grpc::internal::RpcMethod::SERVER_STREAMING, nullptr));
  MarkMethodRawCallback(
      static_cast<int>(paths_.size()) - 1,
      new grpc::internal::CallbackServerStreamingHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
          std::move(handler)));
}

}  // namespace jalon::api
