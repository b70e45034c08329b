// What goes over the wire between a node and its vault, and back; and wiping what held a secret.
//
// gRPC's own buffers, in which a message was or will be encoded, are not ours to wipe: they are
// freed when the call ends.
#pragma once

#include <grpcpp/support/string_ref.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/result.h"
#include "eventstore/vault/key_witness.h"
#include "eventstore/vault/vault.h"
#include "jalon/vault/v1/vault_service.pb.h"

namespace jalon::eventstore::served {

namespace pb = ::jalon::vault::v1;

void Write(const KeyMark& mark, pb::Mark* to);
// None if it is no mark.
std::optional<KeyMark> Read(const pb::Mark& mark);

// The term that is said there; 0: none.
uint64_t TermIn(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata);

void Write(const KeyFound& found, pb::PersonKey* to);
std::optional<KeyFound> Read(const pb::PersonKey& key);

void Write(const PersonName& name, pb::PersonName* to);
PersonName Read(const pb::PersonName& name);

void Write(const KeyErasure& erasure, pb::GetKeyErasureResponse* to);
KeyErasure Read(const pb::GetKeyErasureResponse& response);

// None unless it has the length of a secret.
std::optional<Secret> ReadSecret(std::string_view bytes);

void Wipe(pb::FindPersonKeysResponse* response);
void Wipe(pb::GetDayKeyResponse* response);
void Wipe(pb::ListLookupKeysResponse* response);

// INVALID_ARGUMENT VAULT_CALL_INVALID.
Result<void> Check(const pb::FindPersonKeysRequest& request);
Result<void> Check(const pb::ListLookupKeysRequest& request);
Result<void> Check(const pb::PersonName& name);
Result<void> Check(const pb::DestroyPersonKeyRequest& request);
Result<void> Check(const pb::ConfirmDroppedRequest& request);
// All that a request names.
std::vector<PersonName> Persons(const pb::DestroyPersonKeyRequest& request);
std::vector<PersonName> Persons(const pb::ConfirmDroppedRequest& request);

}  // namespace jalon::eventstore::served
