// From what the writer remembers of an accepted command to the bytes of its response.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <string_view>

#include "eventstore/base/ids.h"
#include "services/api/language.h"

namespace jalon::api {

struct ReplyPosition {
  const Bytes& log_incarnation;
  Partition partition;
  Seq seq;
};

// `reply`: an encoded CommandResult without position. Adds the position, if there is one, and the
// words of warnings and refused rows, and encodes it as XResponse {CommandResult result = 1;},
// which every command's response is. False if the bytes are no reply.
// Thread safety: any thread.
bool EncodeReply(std::string_view reply, const ReplyPosition* position, Language language,
                 grpc::ByteBuffer* response);

}  // namespace jalon::api
