#include "eventstore/vault/served/messages.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "eventstore/vault/served/limits.h"
#include "eventstore/vault/served/pair_limits.h"

namespace jalon::eventstore::served {
namespace {

constexpr size_t kKeyIdBytes = 8;

std::unexpected<Error> Invalid(const char* what) {
  return Fail(Code::kInvalidArgument, "VAULT_CALL_INVALID",
              std::string(what) + ": the node and the vault are not of one version");
}

bool IsTenant(std::string_view tenant) {
  return !tenant.empty() && tenant.size() <= kTenantBytesMax;
}

void WipeText(std::string* text) { WipeBytes(text->data(), text->size()); }

}  // namespace

void Write(const KeyMark& mark, pb::Mark* to) {
  to->set_life(mark.life);
  to->set_writes(mark.writes);
  to->set_term(mark.term);
}

std::optional<KeyMark> Read(const pb::Mark& mark) {
  if (mark.life().size() != KeyMark::kLifeBytes) return std::nullopt;
  return KeyMark{
      .life = mark.life(), .writes = mark.writes(), .term = std::max<uint64_t>(mark.term(), 1)};
}

uint64_t TermIn(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata) {
  const auto found = metadata.find(kTermMetadata);
  uint64_t term = 0;
  if (found == metadata.end()) return term;
  const char* first = found->second.data();
  std::from_chars(first, first + found->second.size(), term);
  return term;
}

void Write(const KeyFound& found, pb::PersonKey* to) {
  switch (found.state) {
    case KeyFound::State::kUnknown:
      return to->set_state(pb::KEY_STATE_UNKNOWN);
    case KeyFound::State::kDestroyed:
      return to->set_state(pb::KEY_STATE_DESTROYED);
    case KeyFound::State::kFound:
      break;
  }
  to->set_state(pb::KEY_STATE_FOUND);
  to->set_key_id(found.key->id);
  to->set_secret(std::string(found.key->secret.View()));
}

std::optional<KeyFound> Read(const pb::PersonKey& key) {
  switch (key.state()) {
    case pb::KEY_STATE_UNKNOWN:
      return KeyFound{KeyFound::State::kUnknown, nullptr};
    case pb::KEY_STATE_DESTROYED:
      return KeyFound{KeyFound::State::kDestroyed, nullptr};
    case pb::KEY_STATE_FOUND:
      break;
    default:
      return std::nullopt;
  }
  auto secret = ReadSecret(key.secret());
  if (!secret || key.key_id().size() != kKeyIdBytes) return std::nullopt;
  return KeyFound{KeyFound::State::kFound,
                  std::make_shared<const PersonKey>(key.key_id(), std::move(*secret))};
}

void Write(const PersonName& name, pb::PersonName* to) {
  to->set_tenant(name.tenant);
  to->set_person(name.person);
}

PersonName Read(const pb::PersonName& name) { return {name.tenant(), name.person()}; }

void Write(const KeyErasure& erasure, pb::GetKeyErasureResponse* to) {
  using Backup = KeyErasure::Backup;
  to->set_state(erasure.key == KeyFound::State::kFound       ? pb::KEY_STATE_FOUND
                : erasure.key == KeyFound::State::kDestroyed ? pb::KEY_STATE_DESTROYED
                                                             : pb::KEY_STATE_UNKNOWN);
  to->set_epoch_ended(erasure.epoch_ended);
  to->set_backup(erasure.backup == Backup::kPending    ? pb::FRESH_BACKUP_PENDING
                 : erasure.backup == Backup::kVerified ? pb::FRESH_BACKUP_VERIFIED
                                                       : pb::FRESH_BACKUP_NOT_CONFIGURED);
  to->set_backed_up_at(erasure.backed_up_at.count());
  to->mutable_unconfirmed_nodes()->Assign(erasure.unconfirmed.begin(), erasure.unconfirmed.end());
  to->set_dropped_by(erasure.dropped_by.count());
}

KeyErasure Read(const pb::GetKeyErasureResponse& response) {
  using State = KeyFound::State;
  using Backup = KeyErasure::Backup;
  return {.key = response.state() == pb::KEY_STATE_FOUND       ? State::kFound
                 : response.state() == pb::KEY_STATE_DESTROYED ? State::kDestroyed
                                                               : State::kUnknown,
          .epoch_ended = response.epoch_ended(),
          .backup = response.backup() == pb::FRESH_BACKUP_PENDING    ? Backup::kPending
                    : response.backup() == pb::FRESH_BACKUP_VERIFIED ? Backup::kVerified
                                                                     : Backup::kNotConfigured,
          .backed_up_at = Micros(response.backed_up_at()),
          .unconfirmed = {response.unconfirmed_nodes().begin(), response.unconfirmed_nodes().end()},
          .dropped_by = Micros(response.dropped_by())};
}

std::optional<Secret> ReadSecret(std::string_view bytes) {
  if (bytes.size() != Secret::kBytes) return std::nullopt;
  return Secret::From(bytes);
}

void Wipe(pb::FindPersonKeysResponse* response) {
  for (pb::PersonKey& key : *response->mutable_keys()) WipeText(key.mutable_secret());
}

void Wipe(pb::GetDayKeyResponse* response) { WipeText(response->mutable_secret()); }

void Wipe(pb::ListLookupKeysResponse* response) {
  for (std::string& secret : *response->mutable_secrets()) WipeText(&secret);
}

Result<void> Check(const pb::FindPersonKeysRequest& request) {
  if (!IsTenant(request.tenant())) return Invalid("no tenant has that length");
  if (request.wanted_size() > static_cast<int>(kKeysPerCallMax)) {
    return Invalid("these are too many keys for one call");
  }
  for (const pb::WantedKey& wanted : request.wanted()) {
    if (wanted.person().size() != kPersonBytes) return Invalid("no person has that length");
  }
  return {};
}

Result<void> Check(const pb::ListLookupKeysRequest& request) {
  if (!IsTenant(request.tenant())) return Invalid("no tenant has that length");
  return {};
}

Result<void> Check(const pb::PersonName& name) {
  if (!IsTenant(name.tenant())) return Invalid("no tenant has that length");
  if (name.person().size() != kPersonBytes) return Invalid("no person has that length");
  return {};
}

namespace {

template <typename Request>
Result<void> CheckPersons(const Request& request) {
  JALON_RETURN_IF_ERROR(Check(request.person()));
  if (request.others_size() >= static_cast<int>(kKeysPerCallMax)) {
    return Invalid("these are too many keys for one call");
  }
  for (const std::string& other : request.others()) {
    if (other.size() != kPersonBytes) return Invalid("no person has that length");
  }
  return {};
}

template <typename Request>
std::vector<PersonName> PersonsOf(const Request& request) {
  std::vector<PersonName> persons = {Read(request.person())};
  for (const std::string& other : request.others()) {
    persons.push_back({request.person().tenant(), other});
  }
  return persons;
}

}  // namespace

Result<void> Check(const pb::DestroyPersonKeyRequest& request) { return CheckPersons(request); }
Result<void> Check(const pb::ConfirmDroppedRequest& request) { return CheckPersons(request); }
std::vector<PersonName> Persons(const pb::DestroyPersonKeyRequest& request) {
  return PersonsOf(request);
}
std::vector<PersonName> Persons(const pb::ConfirmDroppedRequest& request) {
  return PersonsOf(request);
}

}  // namespace jalon::eventstore::served
