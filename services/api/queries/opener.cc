#include "services/api/queries/opener.h"

#include <optional>
#include <string>

#include "eventstore/vault/seal.h"
#include "jalon/type/v1/sealed.pb.h"

namespace jalon::api {
namespace {

using eventstore::KeyFound;

std::unexpected<Error> NotWhatWasSealed() {
  return Fail(Code::kDataLoss, std::string(kUnreadableSection),
              "a sealed section does not open with its person's key; verify the log and the vault");
}

}  // namespace

Result<bool> Opener::Open(std::string_view school_id, std::string_view sealed,
                          google::protobuf::MessageLite* clear) const {
  clear->Clear();
  if (sealed.empty()) return false;
  type::v1::Sealed section;
  if (!section.ParseFromArray(sealed.data(), static_cast<int>(sealed.size()))) {
    return NotWhatWasSealed();
  }
  JALON_ASSIGN_OR_RETURN(const KeyFound found, vault_.FindPersonKey(school_id, section.subject()));
  // A destroyed key leaves nothing to read. Nor does an unknown one: a section is appended after
  // its key is durable, so the key was there and is gone.
  if (found.state != KeyFound::State::kFound) return false;
  const eventstore::SealPlace place{.tenant = school_id,
                                    .request_id = section.request_id(),
                                    .path = section.path(),
                                    .row = section.row(),
                                    .subject = section.subject()};
  const std::optional<std::string> bytes = eventstore::Open(*found.key, place,
                                                            {.key_id = section.key_id(),
                                                             .nonce = section.nonce(),
                                                             .ciphertext = section.ciphertext(),
                                                             .commitment = section.commitment()});
  if (!bytes || !clear->ParseFromString(*bytes)) {
    clear->Clear();
    return NotWhatWasSealed();
  }
  return true;
}

}  // namespace jalon::api
