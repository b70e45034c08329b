// A gRPC service whose methods take and give raw bytes, made at start from descriptors instead of
// generated code: so that one door serves every command, and reflection lists it all the same.
//
// grpc's own generic service (CallbackGenericService) is invisible to reflection. This file is the
// only one that uses grpc::internal, in the way that code generated for gRPC 1.51 does.
#pragma once

#include <grpcpp/impl/codegen/service_type.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <deque>
#include <functional>
#include <string>

namespace jalon::api {

// Called from gRPC's threads. `request` and `response` live until the reactor is finished.
using RawHandler = std::function<grpc::ServerUnaryReactor*(grpc::CallbackServerContext* context,
                                                           const grpc::ByteBuffer* request,
                                                           grpc::ByteBuffer* response)>;

// The same of a method that answers with a stream. `request` lives until the handler returns.
using RawStreamHandler = std::function<grpc::ServerWriteReactor<grpc::ByteBuffer>*(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request)>;

class RawService final : public grpc::Service {
 public:
  // Adds a method by its path ("/jalon.stay.v1.StayService/EndStay"). All methods of one
  // service object are of one proto service. REQUIRES: the service is not registered yet.
  void Add(const std::string& path, RawHandler handler);
  void Add(const std::string& path, RawStreamHandler handler);

 private:
  std::deque<std::string> paths_;  // in the order of the methods; gRPC points at their bytes
};

}  // namespace jalon::api
