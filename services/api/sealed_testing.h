// Opens whatever is sealed in a message: for tests of what a crash leaves.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <vector>

#include "eventstore/vault/seal.h"
#include "eventstore/vault/vault.h"
#include "jalon/type/v1/sealed.pb.h"

namespace jalon::api {

struct SealedCount {
  uint64_t sections = 0;
  uint64_t shut = 0;  // of them, those that no key of the vault opens
};

inline bool Opens(const type::v1::Sealed& sealed, const Bytes& school_id,
                  eventstore::Vault& vault) {
  const auto found = vault.FindPersonKey(school_id, sealed.subject());
  if (!found || found->state != eventstore::KeyFound::State::kFound) return false;
  const eventstore::SealPlace place{.tenant = school_id,
                                    .request_id = sealed.request_id(),
                                    .path = sealed.path(),
                                    .row = sealed.row(),
                                    .subject = sealed.subject()};
  return eventstore::Open(*found->key, place,
                          {.key_id = sealed.key_id(),
                           .nonce = sealed.nonce(),
                           .ciphertext = sealed.ciphertext(),
                           .commitment = sealed.commitment()})
      .has_value();
}

// Adds every sealed section under `message`.
inline void CountSealed(const google::protobuf::Message& message, const Bytes& school_id,
                        eventstore::Vault& vault, SealedCount* count) {
  if (message.GetDescriptor() == type::v1::Sealed::descriptor()) {
    ++count->sections;
    const auto& sealed = static_cast<const type::v1::Sealed&>(message);
    count->shut += Opens(sealed, school_id, vault) ? 0 : 1;
    return;
  }
  const auto& reflection = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->message_type() == nullptr) continue;
    if (!field->is_repeated()) {
      CountSealed(reflection.GetMessage(message, field), school_id, vault, count);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      CountSealed(reflection.GetRepeatedMessage(message, field, i), school_id, vault, count);
    }
  }
}

}  // namespace jalon::api
