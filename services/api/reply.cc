#include "services/api/reply.h"

#include <google/protobuf/io/coded_stream.h>

#include <utility>

#include "eventstore/base/wire.h"
#include "jalon/command/v1/command.pb.h"
#include "services/domain/explain.h"

namespace jalon::api {
namespace {

using google::protobuf::io::CodedOutputStream;

constexpr uint8_t kResultTag = 1 << 3 | 2;  // field 1, length-delimited

}  // namespace

uint32_t TrailEntriesOf(std::string_view reply) {
  using command::v1::CommandResult;
  wire::Reader reader(reply);
  for (wire::Field field; reader.Next(&field);) {
    if (field.Is(CommandResult::kTrailEntriesFieldNumber, wire::Type::kVarint)) {
      return static_cast<uint32_t>(field.number);
    }
  }
  return 0;
}

bool EncodeReply(std::string_view reply, const ReplyPosition* position,
                 std::vector<trail::v1::Receipt> receipts, Language language,
                 grpc::ByteBuffer* response) {
  static thread_local command::v1::CommandResult result;  // keeps its buffers between calls
  if (!result.ParseFromArray(reply.data(), static_cast<int>(reply.size()))) return false;
  if (position != nullptr) {
    type::v1::Position& at = *result.mutable_position();
    at.set_log_incarnation(position->log_incarnation);
    at.set_partition(position->partition.value);
    at.set_seq(position->seq.value);
  }
  result.set_receipt_pending(receipts.size() < result.trail_entries());
  // Those that are signed stand first, where their places are.
  for (int i = 0; i < static_cast<int>(receipts.size()); ++i) {
    if (i == result.receipts_size()) result.add_receipts();
    *result.mutable_receipts(i) = std::move(receipts[static_cast<size_t>(i)]);
  }
  for (auto& warning : *result.mutable_warnings())
    domain::Explain(warning.mutable_notice(), language);
  for (auto& row : *result.mutable_refused_rows()) {
    for (auto& refusal : *row.mutable_refusals()) domain::Explain(&refusal, language);
  }
  const size_t size = result.ByteSizeLong();
  const size_t head = 1 + CodedOutputStream::VarintSize64(size);
  grpc::Slice slice(head + size);
  auto* out = const_cast<uint8_t*>(slice.begin());
  *out++ = kResultTag;
  out = CodedOutputStream::WriteVarint64ToArray(size, out);
  result.SerializeWithCachedSizesToArray(out);
  grpc::ByteBuffer buffer(&slice, 1);
  response->Swap(&buffer);
  return true;
}

}  // namespace jalon::api
