#include "eventstore/vault/served/standby_server.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/sync_stream.h>

#include <utility>

#include "eventstore/base/mutex.h"
#include "eventstore/peer/credentials.h"
#include "eventstore/vault/served/messages.h"
#include "eventstore/vault/served/pair_limits.h"
#include "jalon/vault/v1/standby_service.grpc.pb.h"

namespace jalon::eventstore {
namespace {

using namespace served;  // NOLINT(google-build-using-namespace): this is its server

grpc::Status ToStatus(const Result<void>& result) {
  if (result) return grpc::Status::OK;
  const Error& error = result.error();
  return {static_cast<grpc::StatusCode>(error.code), error.reason + ": " + error.message};
}

std::unexpected<Error> OutOfStep() {
  return Fail(Code::kFailedPrecondition, "VAULT_OUT_OF_STEP",
              "this change is not the next one: attach again");
}

void AddRows(const google::protobuf::RepeatedPtrField<vault::v1::KeyRow>& from, Mirror::Rows* to) {
  for (const vault::v1::KeyRow& row : from) to->emplace_back(row.row(), row.value());
}

class Service final : public StandbyServer, private vault::v1::VaultStandbyService::Service {
 public:
  explicit Service(const Parts& parts) : parts_(parts) {}
  grpc::Service& service() override { return *this; }

  Result<void> Promote(std::optional<uint64_t> forced) override {
    MutexLock lock(mutex_);
    if (parts_.standing.role() == Standing::Role::kStandby &&
        parts_.vault.Mark().writes <= kWritesAtBirth) {
      return Fail(Code::kFailedPrecondition, "VAULT_STANDBY_EMPTY",
                  "this standby was never given the vault's keys: start the vault with --standby "
                  "first");
    }
    JALON_RETURN_IF_ERROR(parts_.standing.Promote(forced));
    session_.clear();
    return {};
  }

 private:
  // Whether it is the vault whose standby this is. What is refused says the term here.
  Result<void> Admit(grpc::ServerContext& context) const {
    context.AddTrailingMetadata(kTermMetadata, std::to_string(parts_.standing.term()));
    JALON_ASSIGN_OR_RETURN(const PeerIdentity peer,
                           AdmitPeer(*context.auth_context(), {PeerKind::kVault}));
    // One that serves tells any vault of a lower term that it does.
    const bool stands_by = parts_.standing.role() == Standing::Role::kStandby;
    if (!stands_by || peer.name == parts_.of) return {};
    return Fail(Code::kPermissionDenied, "PEER_NOT_SERVED",
                "this is the standby of " + parts_.of + ", not of " + peer.name +
                    ": give that one's name with --standby-of");
  }

  // `term`: of the vault that asks.
  Result<void> CheckRole(uint64_t term) const JALON_REQUIRES(mutex_) {
    const bool later = term >= parts_.standing.term();
    if (parts_.standing.role() == Standing::Role::kStandby) {
      if (later) return {};
      return Fail(Code::kFailedPrecondition, std::string(kVaultFenced),
                  "this is the standby of a vault that was promoted since");
    }
    if (parts_.standing.role() == Standing::Role::kServing && !later) {
      return Fail(Code::kFailedPrecondition, std::string(kVaultFenced),
                  "this standby was promoted: it is the vault now");
    }
    return Fail(Code::kFailedPrecondition, "VAULT_IS_NO_STANDBY",
                "this vault stands by for nobody: start it with --standby-of");
  }

  grpc::Status AttachStandby(grpc::ServerContext* context,
                             const vault::v1::AttachStandbyRequest* request,
                             vault::v1::AttachStandbyResponse* response) override {
    return ToStatus(Attach(*context, *request, response));
  }
  Result<void> Attach(grpc::ServerContext& context, const vault::v1::AttachStandbyRequest& request,
                      vault::v1::AttachStandbyResponse* response) JALON_EXCLUDES(mutex_) {
    JALON_RETURN_IF_ERROR(Admit(context));
    MutexLock lock(mutex_);
    JALON_RETURN_IF_ERROR(CheckLife(request.mark().life(), parts_.vault.Mark()));
    JALON_RETURN_IF_ERROR(CheckRole(request.mark().term()));
    if (context.IsCancelled()) return OutOfStep();  // it may have been told something else since
    if (request.detached()) {
      session_.clear();
      return parts_.standing.SetBehind(true);
    }
    const auto theirs = Read(request.mark());
    if (!theirs || request.session().size() != kSessionBytes) return OutOfStep();
    const Result<void> attached = parts_.vault.WithoutChanges([&](KeyCopy& keys) -> Result<void> {
      JALON_RETURN_IF_ERROR(CheckMark(*theirs, request.sent(), keys.Mark()));
      if (!keys.IsUnderOurRoot(request.root_proof())) {
        return Fail(Code::kFailedPrecondition, "ROOT_KEY_WRONG",
                    "the standby has another root key than the vault: begin it anew on an empty "
                    "folder with the vault's root.key");
      }
      if (!request.deployment().empty()) {
        JALON_RETURN_IF_ERROR(parts_.binding.Admit(request.deployment()));
      }
      // One without any key has seen no term.
      const bool is_new = keys.Mark().writes <= kWritesAtBirth;
      JALON_RETURN_IF_ERROR(
          parts_.standing.FollowTerm(request.mark().term(), is_new ? UINT64_MAX : kTermsMissedMax));
      JALON_ASSIGN_OR_RETURN(const Hash epochs, keys.EpochsHash());
      Write(keys.Mark(), response->mutable_mark());
      response->mutable_mark()->set_term(parts_.standing.term());
      response->set_epochs_hash(std::string(View(epochs)));
      response->set_behind(parts_.standing.behind());
      return {};
    });
    if (attached) session_ = request.session();
    return attached;
  }
  // Before the terms are compared: they are those of one life. A vault of other keys is told
  // nothing by which it would think that it was replaced.
  static Result<void> CheckLife(std::string_view theirs, const KeyMark& ours) {
    if (ours.writes <= kWritesAtBirth) return {};  // nobody's keys yet
    if (ours.life == theirs) return {};
    return Fail(Code::kFailedPrecondition, "VAULT_IS_ANOTHER",
                "the standby has the keys of another vault: begin it anew on an empty folder");
  }
  // One change may be here that the vault died before it made: then it knows that it sent it.
  static Result<void> CheckMark(const KeyMark& theirs, uint64_t sent, const KeyMark& ours) {
    if (ours.writes <= kWritesAtBirth) return {};  // nobody's keys yet
    const bool one_more = ours.writes == theirs.writes + 1 && sent == ours.writes;
    if (theirs.writes < ours.writes && !one_more) {
      return Fail(Code::kFailedPrecondition, "KEYS_OLDER",
                  "the vault has an older copy of its keys than its standby: promote the standby, "
                  "or put the vault's newest copy back. If what the standby has more was made "
                  "since it was replaced, begin it anew on an empty folder");
    }
    return {};
  }

  grpc::Status ReplaceKeys(grpc::ServerContext* context,
                           grpc::ServerReader<vault::v1::ReplaceKeysRequest>* reader,
                           vault::v1::ReplaceKeysResponse* response) override {
    return ToStatus(Replace(*context, *reader, response));
  }
  Result<void> Replace(grpc::ServerContext& context,
                       grpc::ServerReader<vault::v1::ReplaceKeysRequest>& reader,
                       vault::v1::ReplaceKeysResponse* response) JALON_EXCLUDES(mutex_) {
    JALON_RETURN_IF_ERROR(Admit(context));
    if (parts_.standing.role() != Standing::Role::kStandby) return OutOfStep();  // before it reads
    AllKeys all;
    std::optional<KeyMark> after;
    std::string session;
    vault::v1::ReplaceKeysRequest part;
    while (reader.Read(&part)) {
      session = part.session();
      AddRows(part.rows(), &all.rows);
      for (const auto& file : part.epochs()) all.epochs.emplace_back(file.name(), file.value());
      if (part.has_after()) after = Read(part.after());
    }
    MutexLock lock(mutex_);
    if (!after || !IsInSession(session)) return OutOfStep();
    all.mark = *after;
    return parts_.vault.WithoutChanges([&](KeyCopy& keys) -> Result<void> {
      JALON_RETURN_IF_ERROR(keys.Replace(all));
      JALON_RETURN_IF_ERROR(parts_.standing.SetBehind(false));
      Write(keys.Mark(), response->mutable_mark());
      return {};
    });
  }

  grpc::Status ApplyChange(grpc::ServerContext* context,
                           grpc::ServerReader<vault::v1::ApplyChangeRequest>* reader,
                           vault::v1::ApplyChangeResponse* response) override {
    return ToStatus(Apply(*context, *reader, response));
  }
  Result<void> Apply(grpc::ServerContext& context,
                     grpc::ServerReader<vault::v1::ApplyChangeRequest>& reader,
                     vault::v1::ApplyChangeResponse* response) JALON_EXCLUDES(mutex_) {
    JALON_RETURN_IF_ERROR(Admit(context));
    KeyChange change;
    Bytes deployment;
    std::string session;
    vault::v1::ApplyChangeRequest part;
    while (reader.Read(&part)) {
      session = part.session();
      AddRows(part.put(), &change.put);
      change.remove.insert(change.remove.end(), part.remove().begin(), part.remove().end());
      if (part.has_after()) change.after = Read(part.after());
      if (part.has_keep_epoch()) {
        change.keep_epoch = {part.keep_epoch().name(), part.keep_epoch().value()};
      }
      if (!part.destroy_epoch().empty()) change.destroy_epoch = part.destroy_epoch();
      if (!part.deployment().empty()) deployment = part.deployment();
      if (part.has_forget()) change.forget = {part.forget().first(), part.forget().end()};
    }
    MutexLock lock(mutex_);
    if (parts_.standing.role() != Standing::Role::kStandby) JALON_RETURN_IF_ERROR(CheckRole(0));
    if (context.IsCancelled() || !IsInSession(session)) return OutOfStep();
    if (!deployment.empty()) JALON_RETURN_IF_ERROR(parts_.binding.Admit(deployment));
    return parts_.vault.WithoutChanges([&](KeyCopy& keys) -> Result<void> {
      const KeyMark before = keys.Mark();
      const bool rows_change = !change.put.empty() || !change.remove.empty();
      if (rows_change && !change.after) return OutOfStep();  // cut short
      if (change.after &&
          (change.after->life != before.life || change.after->writes < before.writes ||
           change.after->writes > before.writes + 1)) {
        return OutOfStep();
      }
      JALON_RETURN_IF_ERROR(keys.Apply(change));
      Write(keys.Mark(), response->mutable_mark());
      return {};
    });
  }

  bool IsInSession(const std::string& session) const JALON_REQUIRES(mutex_) {
    return !session_.empty() && session == session_ &&
           parts_.standing.role() == Standing::Role::kStandby;
  }

  const Parts parts_;
  Mutex mutex_;  // one that changes anything
  std::string session_ JALON_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<StandbyServer> StandbyServer::Make(const Parts& parts) {
  return std::make_unique<Service>(parts);
}

}  // namespace jalon::eventstore
