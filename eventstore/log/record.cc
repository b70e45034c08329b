#include "eventstore/log/record.h"

#include <memory>
#include <string>

#include "eventstore/base/check.h"
#include "eventstore/base/wire.h"

namespace jalon::eventstore {
namespace {

// The bytes of an Entry around `message`: what Entry itself would serialize to, without copying the
// message into one first.
Blob Encode(int field, const google::protobuf::MessageLite& message) {
  const size_t size = message.ByteSizeLong();
  std::string head;
  wire::AppendVarint(static_cast<uint64_t>(field) << 3 | static_cast<uint64_t>(wire::Type::kBytes),
                     &head);
  wire::AppendVarint(size, &head);
  auto bytes = std::make_shared<std::string>();
  bytes->resize_and_overwrite(head.size() + size, [&](char* out, size_t total) {
    head.copy(out, head.size());
    const auto* end =
        message.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(out) + head.size());
    JALON_CHECK(end == reinterpret_cast<uint8_t*>(out) + total);
    return total;
  });
  return bytes;
}

}  // namespace

Blob EncodeGenesis(const log::v1::Genesis& genesis) {
  return Encode(log::v1::Entry::kGenesisFieldNumber, genesis);
}
Blob EncodeClaim(const log::v1::Claim& claim) {
  return Encode(log::v1::Entry::kClaimFieldNumber, claim);
}
Blob EncodeRecord(const log::v1::Record& record) {
  return Encode(log::v1::Entry::kRecordFieldNumber, record);
}

Hash ChainAfterGenesis(std::string_view bytes) {
  wire::Reader entry(bytes);
  wire::Field genesis;
  if (!entry.Next(&genesis) || genesis.type != wire::Type::kBytes) return Sha256(bytes);
  wire::Reader fields(genesis.bytes);
  for (wire::Field field; fields.Next(&field);) {
    if (field.Is(log::v1::Genesis::kOriginFieldNumber, wire::Type::kBytes)) {
      return Sha256(field.bytes);
    }
  }
  return Sha256(bytes);
}
Hash ChainAfterClaim(const Hash& before, std::string_view bytes) {
  return Sha256({View(before), bytes});
}
Hash ChainAfterRecord(std::string_view bytes) { return Sha256(bytes); }

}  // namespace jalon::eventstore
