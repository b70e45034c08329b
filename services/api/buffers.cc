#include "services/api/buffers.h"

#include <grpcpp/support/proto_buffer_reader.h>

namespace jalon::api {

bool ParseBuffer(const grpc::ByteBuffer& buffer, google::protobuf::Message* message) {
  grpc::ByteBuffer shared = buffer;  // a reader wants one it may change; the bytes are shared
  grpc::Slice slice;
  if (shared.TrySingleSlice(&slice).ok()) {  // the rule for requests of a few hundred bytes
    return message->ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
  }
  grpc::ProtoBufferReader reader(&shared);
  return reader.status().ok() && message->ParseFromZeroCopyStream(&reader);
}

grpc::ByteBuffer ToBuffer(const google::protobuf::Message& message) {
  grpc::Slice slice(message.ByteSizeLong());
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return {&slice, 1};
}

}  // namespace jalon::api
