#include "eventstore/vault/served/vault_server.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/peer/credentials.h"
#include "eventstore/vault/served/leases.h"
#include "eventstore/vault/served/limits.h"
#include "eventstore/vault/served/messages.h"
#include "eventstore/vault/served/pair_limits.h"
#include "jalon/vault/v1/vault_service.grpc.pb.h"

namespace jalon::eventstore {
namespace {

using namespace served;  // NOLINT(google-build-using-namespace): this is its server
using Generated = pb::VaultService;

// The quick ones by callbacks; the others have threads.
using Base = Generated::WithCallbackMethod_GetMark<
    Generated::WithCallbackMethod_FindPersonKeys<Generated::WithCallbackMethod_GetDayKey<
        Generated::WithCallbackMethod_ListLookupKeys<Generated::Service>>>>;

grpc::Status ToStatus(const Error& error) {
  return {static_cast<grpc::StatusCode>(error.code), error.reason + ": " + error.message};
}

grpc::Status ToStatus(const Result<void>& result) {
  return result ? grpc::Status::OK : ToStatus(result.error());
}

// Wipes the answer once it was sent. gRPC keeps it until then.
template <typename Response>
class WipingReactor final : public grpc::ServerUnaryReactor {
 public:
  explicit WipingReactor(Response* response) : response_(response) {}
  void OnDone() override {
    Wipe(response_);
    delete this;
  }

 private:
  Response* const response_;
};

class Service final : public VaultServer, private Base {
 public:
  Service(LocalVault& vault, DeploymentBinding& binding, const Clock& clock, Standing* standing)
      : vault_(vault),
        binding_(binding),
        clock_(clock),
        standing_(standing),
        leases_(clock, standing == nullptr ? 1 : standing->term()) {}
  grpc::Service& service() override { return *this; }

 private:
  // Who asks, and the term in which it is answered: that of before the work. One that was replaced
  // meanwhile did it in the term before, and its answer counts for nothing.
  struct Caller {
    std::string node;
    uint64_t term = KeyMark().term;
  };

  // A node that has seen a higher term tells this vault that it was replaced.
  Result<Caller> Admit(const grpc::ServerContextBase& context) {
    JALON_ASSIGN_OR_RETURN(PeerIdentity peer,
                           AdmitPeer(*context.auth_context(), {PeerKind::kNode}));
    if (standing_ == nullptr) return Caller{.node = std::move(peer.name)};
    standing_->Fence(TermIn(context.client_metadata()));
    const uint64_t term = standing_->term();
    JALON_RETURN_IF_ERROR(standing_->MayServe());
    leases_.InTerm(term);
    return Caller{std::move(peer.name), term};
  }
  // Last: so that it is as late as what was answered.
  template <typename Response>
  void Stamp(const Caller& caller, Response* response) {
    KeyMark mark = vault_.Mark();
    mark.term = caller.term;
    Write(mark, response->mutable_mark());
  }

  grpc::ServerUnaryReactor* GetMark(grpc::CallbackServerContext* context,
                                    const pb::GetMarkRequest* request,
                                    pb::GetMarkResponse* response) override {
    auto* reactor = context->DefaultReactor();
    const auto caller = Admit(*context);
    Result<void> admitted = caller ? Result<void>() : std::unexpected(caller.error());
    if (admitted) {
      const bool can_be_first = !request->in_use() || vault_.Mark().writes > kWritesAtBirth;
      admitted = binding_.Admit(request->deployment(), can_be_first);
    }
    if (admitted) Stamp(*caller, response);
    reactor->Finish(ToStatus(admitted));
    return reactor;
  }

  grpc::ServerUnaryReactor* FindPersonKeys(grpc::CallbackServerContext* context,
                                           const pb::FindPersonKeysRequest* request,
                                           pb::FindPersonKeysResponse* response) override {
    auto* reactor = new WipingReactor(response);
    const auto caller = Admit(*context);
    Result<void> taken = caller ? Check(*request) : std::unexpected(caller.error());
    if (!taken) {
      reactor->Finish(ToStatus(taken));
      return reactor;
    }
    std::vector<KeyWanted> wanted;
    wanted.reserve(request->wanted_size());
    for (const pb::WantedKey& key : request->wanted()) {
      wanted.push_back({key.person(), key.create()});
    }
    leases_.Served(caller->node);  // before: a destruction from now on waits for this node
    vault_.PersonKeys(
        request->tenant(), std::move(wanted),
        [this, reactor, response, caller = *caller](const Result<std::vector<KeyFound>>& found) {
          if (!found) return reactor->Finish(ToStatus(found.error()));
          for (const KeyFound& key : *found) Write(key, response->add_keys());
          Stamp(caller, response);
          reactor->Finish(grpc::Status::OK);
        });
    return reactor;
  }

  grpc::ServerUnaryReactor* GetDayKey(grpc::CallbackServerContext* context,
                                      const pb::GetDayKeyRequest* request,
                                      pb::GetDayKeyResponse* response) override {
    auto* reactor = new WipingReactor(response);
    reactor->Finish(ToStatus(AnswerDayKey(*context, *request, response)));
    return reactor;
  }
  Result<void> AnswerDayKey(const grpc::ServerContextBase& context,
                            const pb::GetDayKeyRequest& request, pb::GetDayKeyResponse* response) {
    JALON_ASSIGN_OR_RETURN(const Caller caller, Admit(context));
    JALON_ASSIGN_OR_RETURN(const Secret key, vault_.DayKey(request.day()));
    response->set_secret(std::string(key.View()));
    Stamp(caller, response);
    return {};
  }

  grpc::ServerUnaryReactor* ListLookupKeys(grpc::CallbackServerContext* context,
                                           const pb::ListLookupKeysRequest* request,
                                           pb::ListLookupKeysResponse* response) override {
    auto* reactor = new WipingReactor(response);
    reactor->Finish(ToStatus(AnswerLookupKeys(*context, *request, response)));
    return reactor;
  }
  Result<void> AnswerLookupKeys(const grpc::ServerContextBase& context,
                                const pb::ListLookupKeysRequest& request,
                                pb::ListLookupKeysResponse* response) {
    JALON_ASSIGN_OR_RETURN(const Caller caller, Admit(context));
    JALON_RETURN_IF_ERROR(Check(request));
    JALON_ASSIGN_OR_RETURN(const std::vector<Secret> keys,
                           vault_.LookupKeys(request.tenant(), request.year()));
    for (const Secret& key : keys) response->add_secrets(std::string(key.View()));
    Stamp(caller, response);
    return {};
  }

  grpc::Status DestroyPersonKey(grpc::ServerContext* context,
                                const pb::DestroyPersonKeyRequest* request,
                                pb::DestroyPersonKeyResponse* response) override {
    return ToStatus(Destroy(*context, *request, response));
  }
  Result<void> Destroy(const grpc::ServerContextBase& context,
                       const pb::DestroyPersonKeyRequest& request,
                       pb::DestroyPersonKeyResponse* response) {
    JALON_ASSIGN_OR_RETURN(const Caller caller, Admit(context));
    JALON_RETURN_IF_ERROR(Check(request));
    const Bytes& tenant = request.person().tenant();
    std::vector<Bytes> persons;
    for (const PersonName& name : Persons(request)) persons.push_back(name.person);
    JALON_ASSIGN_OR_RETURN(const auto before, vault_.FindPersonKeys(tenant, persons));
    std::vector<PersonName> gone;
    for (size_t i = 0; i < persons.size(); ++i) {
      if (before[i].state != KeyFound::State::kDestroyed) gone.push_back({tenant, persons[i]});
    }
    // Before, for whoever asks how far it is while the epoch ends; and after, with the nodes that
    // were given the keys until then. Also where the end of the epoch has to wait: nobody is given
    // them any more. Of keys that are not destroyed nobody asks who holds them.
    leases_.Destroyed(gone);
    const Result<void> destroyed = vault_.DestroyPersonKeys(tenant, persons);
    leases_.Destroyed(gone);
    JALON_RETURN_IF_ERROR(destroyed);
    Stamp(caller, response);
    return {};
  }

  grpc::Status ConfirmDropped(grpc::ServerContext* context,
                              const pb::ConfirmDroppedRequest* request,
                              pb::ConfirmDroppedResponse* response) override {
    return ToStatus(Confirm(*context, *request, response));
  }
  Result<void> Confirm(const grpc::ServerContextBase& context,
                       const pb::ConfirmDroppedRequest& request,
                       pb::ConfirmDroppedResponse* response) {
    JALON_ASSIGN_OR_RETURN(const Caller caller, Admit(context));
    JALON_RETURN_IF_ERROR(Check(request));
    leases_.Confirmed(caller.node, Persons(request));
    Stamp(caller, response);
    return {};
  }

  grpc::Status GetKeyErasure(grpc::ServerContext* context, const pb::GetKeyErasureRequest* request,
                             pb::GetKeyErasureResponse* response) override {
    return ToStatus(AnswerErasure(*context, *request, response));
  }
  Result<void> AnswerErasure(const grpc::ServerContextBase& context,
                             const pb::GetKeyErasureRequest& request,
                             pb::GetKeyErasureResponse* response) {
    JALON_ASSIGN_OR_RETURN(const Caller caller, Admit(context));
    JALON_RETURN_IF_ERROR(Check(request.person()));
    const PersonName name = Read(request.person());
    JALON_ASSIGN_OR_RETURN(KeyErasure erasure, vault_.ErasureOf(name.tenant, name.person));
    if (erasure.key == KeyFound::State::kDestroyed) {
      leases_.Show(name, erasure.destroyed_at, &erasure);
    }
    Write(erasure, response);
    Stamp(caller, response);
    return {};
  }

  grpc::Status ListOldKeys(grpc::ServerContext* context, const pb::ListOldKeysRequest* request,
                           pb::ListOldKeysResponse* response) override {
    return ToStatus(ListOld(*context, *request, response));
  }
  Result<void> ListOld(const grpc::ServerContextBase& context,
                       const pb::ListOldKeysRequest& request, pb::ListOldKeysResponse* response) {
    JALON_ASSIGN_OR_RETURN(const Caller caller, Admit(context));
    JALON_RETURN_IF_ERROR(binding_.Admit(request.deployment()));
    std::optional<PersonName> after;
    if (request.has_after()) {
      JALON_RETURN_IF_ERROR(Check(request.after()));
      after = Read(request.after());
    }
    const size_t size = std::clamp<size_t>(request.page_size(), 1, kKeysPerCallMax);
    JALON_ASSIGN_OR_RETURN(const std::vector<PersonName> old,
                           vault_.OldKeys(OldAt(request.made_before()), after, size));
    for (const PersonName& name : old) Write(name, response->add_persons());
    Stamp(caller, response);
    return {};
  }

  grpc::Status RemoveOldKeys(grpc::ServerContext* context, const pb::RemoveOldKeysRequest* request,
                             pb::RemoveOldKeysResponse* response) override {
    return ToStatus(RemoveOld(*context, *request, response));
  }
  Result<void> RemoveOld(const grpc::ServerContextBase& context,
                         const pb::RemoveOldKeysRequest& request,
                         pb::RemoveOldKeysResponse* response) {
    JALON_ASSIGN_OR_RETURN(const Caller caller, Admit(context));
    JALON_RETURN_IF_ERROR(binding_.Admit(request.deployment()));
    if (request.persons_size() > static_cast<int>(kKeysPerCallMax)) {
      return TooManyPersons();
    }
    std::vector<PersonName> persons;
    for (const pb::PersonName& name : request.persons()) {
      JALON_RETURN_IF_ERROR(Check(name));
      persons.push_back(Read(name));
    }
    JALON_ASSIGN_OR_RETURN(const size_t removed,
                           vault_.RemoveOldKeys(OldAt(request.made_before()), persons));
    response->set_removed(static_cast<uint32_t>(removed));
    Stamp(caller, response);
    return {};
  }

  // Whatever a node's clock says.
  Micros OldAt(int64_t made_before) const {
    return std::min(Micros(made_before), clock_.Wall() - kUnnamedKeysKept);
  }

  LocalVault& vault_;
  DeploymentBinding& binding_;
  const Clock& clock_;
  Standing* const standing_;  // may be null
  NodeLeases leases_;
};

}  // namespace

std::unique_ptr<VaultServer> VaultServer::Make(LocalVault& vault, DeploymentBinding& binding,
                                               const Clock& clock, Standing* standing) {
  return std::make_unique<Service>(vault, binding, clock, standing);
}

}  // namespace jalon::eventstore
