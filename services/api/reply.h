// From what the writer remembers of an accepted command to the bytes of its response.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "eventstore/base/ids.h"
#include "jalon/trail/v1/receipt.pb.h"
#include "services/api/language.h"

namespace jalon::api {

struct ReplyPosition {
  const Bytes& log_incarnation;
  Partition partition;
  Seq seq;
};

// How many entries of trails the record of `reply` holds, by an encoded CommandResult.
uint32_t TrailEntriesOf(std::string_view reply);

// `reply`: an encoded CommandResult without position. Adds the position, if there is one, receipts,
// and the words of warnings and refused rows, and encodes it as XResponse {CommandResult result =
// 1;}, which every command's response is. False if the bytes are no reply.
// Thread safety: any thread.
bool EncodeReply(std::string_view reply, const ReplyPosition* position,
                 std::vector<trail::v1::Receipt> receipts, Language language,
                 grpc::ByteBuffer* response);

}  // namespace jalon::api
