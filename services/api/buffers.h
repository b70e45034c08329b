// Between gRPC's byte buffers and messages.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

namespace jalon::api {

// False if the bytes are no message of that type.
bool ParseBuffer(const grpc::ByteBuffer& buffer, google::protobuf::Message* message);

grpc::ByteBuffer ToBuffer(const google::protobuf::Message& message);

}  // namespace jalon::api
