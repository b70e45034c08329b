#include "eventstore/vault/served/remote_vault.h"

#include <utility>
#include <vector>

#include "eventstore/base/outstanding.h"
#include "eventstore/peer/credentials.h"
#include "eventstore/vault/key_cache.h"
#include "eventstore/vault/served/held_keys.h"
#include "eventstore/vault/served/limits.h"
#include "eventstore/vault/served/link.h"
#include "eventstore/vault/served/messages.h"
#include "eventstore/vault/sweep.h"

namespace jalon::eventstore {
namespace {

using namespace served;  // NOLINT(google-build-using-namespace): this is its client

static_assert(kKeysKept >= 2 * KeyCache::kGeneration, "what the cache may keep a key for");

static_assert(kPersonsPerCallMax <= kKeysPerCallMax, "or the vault refuses what a node may ask");
static_assert(kSweptPerPage <= kKeysPerCallMax, "or a page is taken for the last one");

std::string NameOf(std::string_view tenant, std::string_view rest) {
  std::string name(1, static_cast<char>(tenant.size()));
  name += tenant;
  name += rest;
  return name;
}

// A call for keys that were not all at hand. gRPC keeps pointers into it until it is answered.
struct KeysCall {
  struct Missing {
    size_t at = 0;  // in `found`
    std::string name;
    uint64_t drops = 0;
  };

  grpc::ClientContext context;
  uint64_t seen = 0;  // writes of the vault, before it was asked
  pb::FindPersonKeysRequest request;
  pb::FindPersonKeysResponse response;
  std::vector<KeyFound> found;
  std::vector<Missing> missing;  // in the order of the request
};

class RemoteVault final : public Vault {
 public:
  RemoteVault(const RemoteVaultOptions& options, const PeerCredentials& credentials,
              const Clock& clock)
      : deployment_(options.deployment),
        cache_(clock),
        lists_(clock),
        link_(options, credentials.ForChannel()) {}
  ~RemoteVault() override { outstanding_.Wait(); }

  Result<void> Start() { return link_.Start(); }

  void PersonKeys(Bytes tenant, std::vector<KeyWanted> wanted, Done done) override;
  Result<std::vector<KeyFound>> FindPersonKeys(std::string_view tenant,
                                               std::span<const Bytes> persons) override;
  Result<Secret> DayKey(uint32_t day) override;
  Result<std::vector<Secret>> LookupKeys(std::string_view tenant, uint32_t year) override;
  Result<void> DestroyPersonKeys(std::string_view tenant, std::span<const Bytes> persons) override;
  Result<size_t> Sweep(
      Micros made_before,
      const std::function<bool(std::string_view, std::string_view)>& is_named) override {
    return SweepInPages(*this, made_before, is_named);
  }

  Result<KeyErasure> ErasureOf(std::string_view tenant, std::string_view person) override;

  // For SweepInPages.
  Result<std::vector<PersonName>> OldKeys(Micros made_before,
                                          const std::optional<PersonName>& after, size_t max);
  Result<size_t> RemoveOldKeys(Micros made_before, const std::vector<PersonName>& persons);

 private:
  // What is at hand, and a call for the rest.
  std::unique_ptr<KeysCall> Prepare(const Bytes& tenant, const std::vector<KeyWanted>& wanted);
  Result<std::vector<KeyFound>> Finish(KeysCall& call, const grpc::Status& status);

  // Waits for one method's answer, which must be the vault's.
  template <typename Response, typename Method, typename Request>
  Result<Response> Call(std::chrono::milliseconds patience, Method method, const Request& request) {
    if (!link_.Reachable()) return std::unexpected(link_.Away());
    grpc::ClientContext context;
    link_.Prepare(patience, &context);
    const uint64_t seen = link_.SeenWrites();
    Response response;
    const grpc::Status status = (link_.stub().*method)(&context, request, &response);
    JALON_RETURN_IF_ERROR(link_.Admit(context, status, response.mark(), seen));
    return response;
  }

  std::unexpected<Error> NotAnAnswer() const { return std::unexpected(link_.Away()); }

  const Bytes deployment_;
  KeyCache cache_;
  HeldKeys lists_;
  Outstanding outstanding_;
  Link link_;
};

std::unique_ptr<KeysCall> RemoteVault::Prepare(const Bytes& tenant,
                                               const std::vector<KeyWanted>& wanted) {
  auto call = std::make_unique<KeysCall>();
  call->seen = link_.SeenWrites();
  call->found.resize(wanted.size());
  call->request.set_tenant(tenant);
  for (size_t i = 0; i < wanted.size(); ++i) {
    std::string name = NameOf(tenant, wanted[i].person);
    if (PersonKeyPtr key = cache_.Find(name)) {
      call->found[i] = {KeyFound::State::kFound, std::move(key)};
      continue;
    }
    const uint64_t drops = cache_.Drops(name);
    call->missing.push_back({.at = i, .name = std::move(name), .drops = drops});
    pb::WantedKey* key = call->request.add_wanted();
    key->set_person(wanted[i].person);
    key->set_create(wanted[i].create);
  }
  return call;
}

Result<std::vector<KeyFound>> RemoteVault::Finish(KeysCall& call, const grpc::Status& status) {
  Result<void> admitted = link_.Admit(call.context, status, call.response.mark(), call.seen);
  bool whole = call.response.keys_size() == static_cast<int>(call.missing.size());
  for (size_t i = 0; admitted && whole && i < call.missing.size(); ++i) {
    const KeysCall::Missing& missing = call.missing[i];
    auto found = Read(call.response.keys(static_cast<int>(i)));
    whole = found.has_value();
    if (!whole) break;
    if (found->key != nullptr) cache_.PutUnlessDropped(missing.name, found->key, missing.drops);
    call.found[missing.at] = std::move(*found);
  }
  Wipe(&call.response);
  if (!admitted) return std::unexpected(std::move(admitted).error());
  if (!whole) return NotAnAnswer();
  return std::move(call.found);
}

void RemoteVault::PersonKeys(Bytes tenant, std::vector<KeyWanted> wanted, Done done) {
  std::shared_ptr<KeysCall> call = Prepare(tenant, wanted);
  if (call->missing.empty()) return done(std::move(call->found));
  if (!link_.Reachable()) return done(std::unexpected(link_.Away()));
  link_.Prepare(kPersonKeysMax, &call->context);
  outstanding_.Begin();
  // A thread of gRPC's ends it, and goes on with `done`.
  KeysCall& out = *call;
  link_.stub().async()->FindPersonKeys(
      &out.context, &out.request, &out.response,
      [this, call = std::move(call), done = std::move(done)](const grpc::Status& status) mutable {
        done(Finish(*call, status));
        call.reset();  // it holds the channel, whose end waits for this very thread
        outstanding_.End();
      });
}

Result<std::vector<KeyFound>> RemoteVault::FindPersonKeys(std::string_view tenant,
                                                          std::span<const Bytes> persons) {
  if (persons.size() > kPersonsPerCallMax) return TooManyPersons();
  std::vector<KeyWanted> wanted;
  wanted.reserve(persons.size());
  for (const Bytes& person : persons) wanted.push_back({.person = person, .create = false});
  const auto call = Prepare(Bytes(tenant), wanted);
  if (call->missing.empty()) return std::move(call->found);
  if (!link_.Reachable()) return std::unexpected(link_.Away());
  link_.Prepare(kBlockingCallMax, &call->context);
  const grpc::Status status =
      link_.stub().FindPersonKeys(&call->context, call->request, &call->response);
  return Finish(*call, status);
}

Result<Secret> RemoteVault::DayKey(uint32_t day) {
  const std::string name = "d" + std::to_string(day);
  if (auto held = lists_.Find(name)) return std::move(held->front());
  pb::GetDayKeyRequest request;
  request.set_day(day);
  JALON_ASSIGN_OR_RETURN(
      pb::GetDayKeyResponse response,
      Call<pb::GetDayKeyResponse>(kBlockingCallMax, &pb::VaultService::Stub::GetDayKey, request));
  std::optional<Secret> key = ReadSecret(response.secret());
  Wipe(&response);
  if (!key) return NotAnAnswer();
  std::vector<Secret> keys;
  keys.push_back(std::move(*key));
  lists_.Put(name, keys);
  return std::move(keys.front());
}

Result<std::vector<Secret>> RemoteVault::LookupKeys(std::string_view tenant, uint32_t year) {
  const std::string name = "l" + NameOf(tenant, std::to_string(year));
  if (auto held = lists_.Find(name)) return std::move(*held);
  pb::ListLookupKeysRequest request;
  request.set_tenant(std::string(tenant));
  request.set_year(year);
  JALON_ASSIGN_OR_RETURN(pb::ListLookupKeysResponse response,
                         Call<pb::ListLookupKeysResponse>(
                             kBlockingCallMax, &pb::VaultService::Stub::ListLookupKeys, request));
  std::vector<Secret> keys;
  for (const std::string& secret : response.secrets()) {
    if (auto key = ReadSecret(secret)) keys.push_back(std::move(*key));
  }
  const bool whole = !keys.empty() && keys.size() == static_cast<size_t>(response.secrets_size());
  Wipe(&response);
  if (!whole) return NotAnAnswer();
  lists_.Put(name, keys);
  return keys;
}

Result<void> RemoteVault::DestroyPersonKeys(std::string_view tenant,
                                            std::span<const Bytes> persons) {
  if (persons.size() > kPersonsPerCallMax) return TooManyPersons();
  if (persons.empty()) return {};
  const auto drop = [&] {
    for (const Bytes& person : persons) cache_.Drop(NameOf(tenant, person));
  };
  drop();
  pb::DestroyPersonKeyRequest request;
  Write(PersonName{Bytes(tenant), persons.front()}, request.mutable_person());
  for (const Bytes& other : persons.subspan(1)) request.add_others(other);
  const auto response = Call<pb::DestroyPersonKeyResponse>(
      kDestroyMax, &pb::VaultService::Stub::DestroyPersonKey, request);
  drop();  // what was read meanwhile
  JALON_RETURN_IF_ERROR(response);
  pb::ConfirmDroppedRequest dropped;
  *dropped.mutable_person() = request.person();
  *dropped.mutable_others() = request.others();
  JALON_RETURN_IF_ERROR(Call<pb::ConfirmDroppedResponse>(
      kBlockingCallMax, &pb::VaultService::Stub::ConfirmDropped, dropped));
  return {};
}

Result<KeyErasure> RemoteVault::ErasureOf(std::string_view tenant, std::string_view person) {
  pb::GetKeyErasureRequest request;
  Write(PersonName{Bytes(tenant), Bytes(person)}, request.mutable_person());
  JALON_ASSIGN_OR_RETURN(const pb::GetKeyErasureResponse response,
                         Call<pb::GetKeyErasureResponse>(
                             kBlockingCallMax, &pb::VaultService::Stub::GetKeyErasure, request));
  return Read(response);
}

Result<std::vector<PersonName>> RemoteVault::OldKeys(Micros made_before,
                                                     const std::optional<PersonName>& after,
                                                     size_t max) {
  pb::ListOldKeysRequest request;
  request.set_made_before(made_before.count());
  if (after) Write(*after, request.mutable_after());
  request.set_page_size(static_cast<uint32_t>(max));
  request.set_deployment(deployment_);
  JALON_ASSIGN_OR_RETURN(
      const pb::ListOldKeysResponse response,
      Call<pb::ListOldKeysResponse>(kSweepPageMax, &pb::VaultService::Stub::ListOldKeys, request));
  std::vector<PersonName> persons;
  for (const pb::PersonName& name : response.persons()) persons.push_back(Read(name));
  return persons;
}

Result<size_t> RemoteVault::RemoveOldKeys(Micros made_before,
                                          const std::vector<PersonName>& persons) {
  pb::RemoveOldKeysRequest request;
  request.set_made_before(made_before.count());
  for (const PersonName& name : persons) Write(name, request.add_persons());
  request.set_deployment(deployment_);
  JALON_ASSIGN_OR_RETURN(const pb::RemoveOldKeysResponse response,
                         Call<pb::RemoveOldKeysResponse>(
                             kSweepPageMax, &pb::VaultService::Stub::RemoveOldKeys, request));
  for (const PersonName& name : persons) cache_.Drop(NameOf(name.tenant, name.person));
  return response.removed();
}

}  // namespace

Result<std::unique_ptr<Vault>> OpenRemoteVault(const RemoteVaultOptions& options,
                                               const PeerCredentials& credentials,
                                               const Clock& clock) {
  auto vault = std::make_unique<RemoteVault>(options, credentials, clock);
  JALON_RETURN_IF_ERROR(vault->Start());
  return vault;
}

}  // namespace jalon::eventstore
