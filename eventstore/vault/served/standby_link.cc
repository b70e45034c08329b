#include "eventstore/vault/served/standby_link.h"

#include <fmt/format.h>
#include <grpc/support/time.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <atomic>
#include <thread>
#include <utility>

#include "eventstore/base/mutex.h"
#include "eventstore/base/random.h"
#include "eventstore/base/thread_name.h"
#include "eventstore/peer/credentials.h"
#include "eventstore/vault/served/link.h"
#include "eventstore/vault/served/messages.h"
#include "eventstore/vault/served/pair_limits.h"
#include "eventstore/vault/served/standby_parts.h"
#include "jalon/vault/v1/standby_service.grpc.pb.h"

namespace jalon::eventstore {
namespace {

using namespace served;  // NOLINT(google-build-using-namespace): this is its client
using vault::v1::ApplyChangeRequest;
using vault::v1::ApplyChangeResponse;
using vault::v1::ReplaceKeysRequest;
using Stub = vault::v1::VaultStandbyService::Stub;

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2000);  // bounds one attempt
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  KeepAlive(&arguments);
  return arguments;
}

gpr_timespec ConnectBy() {
  return gpr_time_add(
      gpr_now(GPR_CLOCK_MONOTONIC),
      gpr_time_from_millis(std::chrono::milliseconds(kStandbyAskedEach).count(), GPR_TIMESPAN));
}

class Connection final : public StandbyLink {
 public:
  Connection(Parts parts, const PeerCredentials& credentials)
      : parts_(std::move(parts)), self_(credentials.certificates().self.name) {
    if (parts_.address.empty()) {
      why_ = "no --standby says where it is";
      return;
    }
    why_ = "it was not reached yet";
    channel_ = grpc::CreateCustomChannel(parts_.address, credentials.ForChannel(), Arguments());
    stub_ = vault::v1::VaultStandbyService::NewStub(channel_);
  }
  ~Connection() override { Stop(); }

  Result<void> Ready() override;
  Result<void> Write(const KeyMark& after, const Rows& put,
                     const std::vector<std::string>& remove) override;
  Result<void> Forget(std::string_view first, std::string_view end) override;
  Result<void> KeepEpoch(const std::string& name, std::string_view value) override;
  Result<void> DestroyEpoch(const std::string& name) override;

  void Start(LocalVault& vault) override {
    vault_ = &vault;
    watch_ = std::jthread([this](const std::stop_token& stop) { Watch(stop); });
  }
  void Stop() override;
  bool InStep() const override { return in_step_; }
  std::string Trouble() override {
    MutexLock lock(mutex_);
    return in_step_ || IsDetached() ? "" : why_;
  }
  Result<void> Detach() override;
  Result<void> Reattach() override;

 private:
  void LookNow() {
    {
      MutexLock lock(mutex_);
      look_now_ = true;
    }
    wake_.notify_all();
  }
  bool IsDetached() const { return parts_.standing.standby() == Standing::Standby::kDetached; }
  void Watch(const std::stop_token& stop);
  // Makes it in step, if it can be.
  void Attach();
  Result<void> AttachNow();
  Result<void> TakeInStep(const std::string& session) JALON_EXCLUDES(pair_mutex_);
  Result<vault::v1::AttachStandbyResponse> Ask(const vault::v1::AttachStandbyRequest& request,
                                               std::chrono::milliseconds patience);
  Result<void> GiveAll(KeyCopy& keys, const std::string& session);
  void TellDetached();  // it may say that it was promoted
  void CancelRunning() JALON_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (running_ != nullptr) running_->TryCancel();
  }
  void SetRunning(grpc::ClientContext* running) JALON_EXCLUDES(mutex_);
  // Sends a change in parts; a last one with `after` where there is one. `write`: its number, where
  // it is counted.
  Result<void> Send(std::chrono::milliseconds patience,
                    const std::vector<ApplyChangeRequest>& parts, uint64_t write = 0)
      JALON_EXCLUDES(sending_);
  Result<void> CheckPeer(const grpc::ClientContext& context) const;
  // What a call came to. An error: it is gone, or was promoted.
  Result<void> Judge(const grpc::ClientContext& context, const grpc::Status& status);
  std::unexpected<Error> Gone();
  void SetState(bool in_step, const std::string& why);

  const Parts parts_;
  const std::string self_;                  // the name of this vault
  std::shared_ptr<grpc::Channel> channel_;  // null: no address
  std::unique_ptr<Stub> stub_;
  LocalVault* vault_ = nullptr;
  std::atomic<bool> in_step_ = false;
  std::atomic<bool> stops_ = false;
  std::atomic<bool> settles_ = false;

  Mutex sending_;  // one change at a time, or the question whether it is there
  // The deployment that was told with a change: one may begin to use the vault at any time.
  Bytes told_ JALON_GUARDED_BY(sending_);
  Mutex pair_mutex_;  // who attaches or detaches it
  Mutex mutex_;
  Condition wake_;
  std::string why_ JALON_GUARDED_BY(mutex_);
  std::string session_ JALON_GUARDED_BY(mutex_);
  bool look_now_ JALON_GUARDED_BY(mutex_) = false;
  // All keys are being given, or what was left is being settled.
  grpc::ClientContext* running_ JALON_GUARDED_BY(mutex_) = nullptr;
  std::jthread watch_;  // last: it uses everything above
};

std::unexpected<Error> Connection::Gone() {
  MutexLock lock(mutex_);
  return Fail(
      Code::kUnavailable, std::string(kStandbyGone),
      fmt::format("the vault's standby {} is gone ({}): no key is made or destroyed until "
                  "it is back, and what was sealed goes on to be opened. If it is lost: "
                  "jalon vault detach-standby, in the vault's --data",
                  parts_.address.empty() ? "that was attached" : "at " + parts_.address, why_));
}

void Connection::SetState(bool in_step, const std::string& why) {
  bool changed = false;
  {
    MutexLock lock(mutex_);
    changed = in_step_.exchange(in_step) != in_step;
    if (!in_step) {
      why_ = why;
      session_.clear();
    }
  }
  if (changed && parts_.on_state) parts_.on_state(in_step, why);
  if (changed) wake_.notify_all();
}

// Whoever answers there is believed only if it is a vault, and the one that was meant.
Result<void> Connection::CheckPeer(const grpc::ClientContext& context) const {
  const auto auth = context.auth_context();
  if (auth == nullptr) return Fail(Code::kUnauthenticated, "PEER_UNKNOWN", "it is not reached");
  JALON_ASSIGN_OR_RETURN(const PeerIdentity peer, AdmitPeer(*auth, {PeerKind::kVault}));
  const bool is_meant = parts_.name.empty() ? peer.name != self_ : peer.name == parts_.name;
  if (is_meant) return {};
  return Fail(Code::kPermissionDenied, "PEER_NOT_SERVED",
              fmt::format("{} answers there, which is not the standby: check --standby and "
                          "--standby-name",
                          peer.Uri()));
}

Result<void> Connection::Judge(const grpc::ClientContext& context, const grpc::Status& status) {
  const Result<void> known = CheckPeer(context);
  if (status.ok() && known) return {};
  const bool reached = status.error_code() != grpc::StatusCode::UNAVAILABLE &&
                       status.error_code() != grpc::StatusCode::DEADLINE_EXCEEDED;
  std::string why = status.error_message();
  if (!known && reached) why = known.error().reason + ": " + known.error().message;
  SetState(false, why.empty() ? "it does not answer" : why);
  if (known && status.error_message().starts_with(kVaultFenced)) {
    parts_.standing.Fence(TermIn(context.GetServerTrailingMetadata()));
    JALON_RETURN_IF_ERROR(parts_.standing.MayServe());
  }
  return Gone();
}

Result<void> Connection::Ready() {
  JALON_RETURN_IF_ERROR(parts_.standing.MayServe());
  if (in_step_ || IsDetached()) return {};
  return Gone();
}

// What is sent at the end, before or after this, is not waited for.
void Connection::SetRunning(grpc::ClientContext* running) {
  MutexLock lock(mutex_);
  running_ = running;
  if (running != nullptr && stops_) running->TryCancel();
}

Result<void> Connection::Send(std::chrono::milliseconds patience,
                              const std::vector<ApplyChangeRequest>& parts, uint64_t write) {
  MutexLock sending(sending_);
  JALON_RETURN_IF_ERROR(parts_.standing.MayServe());
  // Asked once: one that is taken again meanwhile is not in step, and may have no address.
  if (IsDetached()) return {};
  if (!in_step_) return Gone();
  if (write > 0) JALON_RETURN_IF_ERROR(parts_.standing.KeepSent(write));
  std::string session;
  {
    MutexLock lock(mutex_);
    session = session_;
  }
  const Bytes bound = parts_.binding.Bound();
  grpc::ClientContext context;
  SetDeadline(patience, &context);
  const bool settles = settles_;
  if (settles) SetRunning(&context);
  ApplyChangeResponse response;
  const auto writer = stub_->ApplyChange(&context, &response);
  bool is_first = true;
  for (ApplyChangeRequest part : parts) {
    part.set_session(session);
    if (std::exchange(is_first, false) && told_ != bound) part.set_deployment(bound);
    if (!writer->Write(part)) break;  // Finish says why
  }
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  if (settles) SetRunning(nullptr);
  JALON_RETURN_IF_ERROR(Judge(context, status));
  told_ = bound;
  return {};
}

Result<void> Connection::Write(const KeyMark& after, const Rows& put,
                               const std::vector<std::string>& remove) {
  const std::vector<ApplyChangeRequest> parts = PartsOf(after, put, remove);
  return Send(PatienceFor(parts.size()), parts, after.writes);
}

Result<void> Connection::Forget(std::string_view first, std::string_view end) {
  ApplyChangeRequest part;
  part.mutable_forget()->set_first(std::string(first));
  part.mutable_forget()->set_end(std::string(end));
  return Send(kStandbyCompactMax, {part});
}

Result<void> Connection::KeepEpoch(const std::string& name, std::string_view value) {
  ApplyChangeRequest part;
  part.mutable_keep_epoch()->set_name(name);
  part.mutable_keep_epoch()->set_value(std::string(value));
  return Send(kStandbyAnswerMax, {part});
}

Result<void> Connection::DestroyEpoch(const std::string& name) {
  ApplyChangeRequest part;
  part.set_destroy_epoch(name);
  return Send(kStandbyAnswerMax, {part});
}

Result<vault::v1::AttachStandbyResponse> Connection::Ask(
    const vault::v1::AttachStandbyRequest& request, std::chrono::milliseconds patience) {
  grpc::ClientContext context;
  SetDeadline(patience, &context);
  vault::v1::AttachStandbyResponse response;
  const grpc::Status status = stub_->AttachStandby(&context, request, &response);
  JALON_RETURN_IF_ERROR(Judge(context, status));
  return response;
}

Result<void> Connection::GiveAll(KeyCopy& keys, const std::string& session) {
  grpc::ClientContext context;
  SetDeadline(kStandbyCopyMax, &context);
  SetRunning(&context);
  if (IsDetached()) context.TryCancel();  // it may have been before that
  vault::v1::ReplaceKeysResponse response;
  const auto writer = stub_->ReplaceKeys(&context, &response);
  ReplaceKeysRequest part;
  size_t bytes = 0;
  bool taken = true;
  const auto flush = [&] {
    part.set_session(session);
    taken = taken && writer->Write(part);
    part.Clear();
    bytes = 0;
  };
  const auto room_for = [&](size_t more) -> ReplaceKeysRequest& {
    if (bytes + more > kPartBytesMax) flush();
    bytes += more;
    return part;
  };
  Result<void> read = keys.EachEpochFile([&](const std::string& name, const std::string& value) {
    vault::v1::EpochFile& file = *room_for(name.size() + value.size()).add_epochs();
    file.set_name(name);
    file.set_value(value);
    return Result<void>();
  });
  if (read) {
    read = keys.EachRow([&](const std::string& row, const std::string& value) {
      vault::v1::KeyRow& to = *room_for(row.size() + value.size()).add_rows();
      to.set_row(row);
      to.set_value(value);
      return Result<void>();
    });
  }
  if (!read) {
    context.TryCancel();
    writer->Finish();
    SetRunning(nullptr);
    return read;
  }
  served::Write(keys.Mark(), part.mutable_after());
  flush();
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  SetRunning(nullptr);
  return Judge(context, status);
}

// Asked without the vault's lock: a standby that does not answer holds up nobody. Nothing is made
// meanwhile, but for what was begun before it was taken again.
Result<void> Connection::AttachNow() {
  vault::v1::AttachStandbyRequest request;
  request.set_session(RandomBytes(kSessionBytes));
  request.set_deployment(parts_.binding.Bound());
  request.set_sent(parts_.standing.sent());
  JALON_RETURN_IF_ERROR(vault_->WithoutChanges([&](KeyCopy& keys) -> Result<void> {
    served::Write(keys.Mark(), request.mutable_mark());
    JALON_ASSIGN_OR_RETURN(const Bytes proof, keys.RootProof());
    request.set_root_proof(proof);
    return {};
  }));
  request.mutable_mark()->set_term(parts_.standing.term());
  JALON_ASSIGN_OR_RETURN(const auto theirs, Ask(request, kStandbyAnswerMax));
  return vault_->WithoutChanges([&](KeyCopy& keys) -> Result<void> {
    const KeyMark ours = keys.Mark();
    if (ours.writes != request.mark().writes()) {
      return Fail(Code::kUnavailable, "VAULT_OUT_OF_STEP",
                  "keys were made while it was asked: it is asked again");
    }
    JALON_ASSIGN_OR_RETURN(const Hash epochs, keys.EpochsHash());
    // Marks that are equal say the same of both only if no change was made here alone since.
    const bool has_all = parts_.standing.standby() == Standing::Standby::kAttached &&
                         !theirs.behind() && theirs.mark().life() == ours.life &&
                         theirs.mark().writes() == ours.writes &&
                         theirs.epochs_hash() == View(epochs);
    if (!has_all) JALON_RETURN_IF_ERROR(GiveAll(keys, request.session()));
    return TakeInStep(request.session());
  });
}

Result<void> Connection::TakeInStep(const std::string& session) {
  MutexLock pair(pair_mutex_);
  JALON_RETURN_IF_ERROR(parts_.standing.Attached());
  {
    MutexLock lock(mutex_);
    session_ = session;
  }
  SetState(true, "");
  return {};
}

Result<void> Connection::Detach() {
  {
    MutexLock pair(pair_mutex_);
    SetState(false, "it was detached");
    JALON_RETURN_IF_ERROR(parts_.standing.Detach());
  }
  CancelRunning();
  if (stub_ != nullptr) TellDetached();
  LookNow();
  return {};
}

Result<void> Connection::Reattach() {
  JALON_RETURN_IF_ERROR(parts_.standing.Reattach());
  LookNow();
  return {};
}

void Connection::TellDetached() {
  vault::v1::AttachStandbyRequest request;
  served::Write(vault_->Mark(), request.mutable_mark());
  request.mutable_mark()->set_term(parts_.standing.term());
  request.set_detached(true);
  static_cast<void>(Ask(request, kStandbyToldMax));  // told in a second again
}

void Connection::Attach() {
  const Result<void> attached = AttachNow();
  if (!attached) {  // Judge has said why, of what the standby refused
    const std::string& reason = attached.error().reason;
    if (reason != kStandbyGone && reason != kVaultFenced) SetState(false, attached.error().message);
    return;
  }
  settles_ = true;
  const Result<void> settled = vault_->Settle();
  settles_ = false;
  if (!settled && parts_.on_left) parts_.on_left(settled.error());
}

void Connection::Watch(const std::stop_token& stop) {
  NameThread("vault-standby");
  while (!stop.stop_requested()) {
    const bool asks = stub_ != nullptr && parts_.standing.MayServe().has_value();
    if (asks && IsDetached()) {
      TellDetached();
    } else if (asks && in_step_) {
      if (!Send(kStandbyAnswerMax, {ApplyChangeRequest()})) continue;  // it is looked for at once
    } else if (asks && channel_->WaitForConnected(ConnectBy())) {
      Attach();
    } else if (in_step_) {
      SetState(false, "this vault does not serve");
    }
    MutexLock lock(mutex_);
    lock.WaitFor(wake_, kStandbyAskedEach,
                 [&]() JALON_REQUIRES(mutex_) { return stop.stop_requested() || look_now_; });
    look_now_ = false;
  }
}

void Connection::Stop() {
  if (!watch_.joinable()) return;
  watch_.request_stop();
  stops_ = true;
  {
    MutexLock lock(mutex_);  // it may be about to wait
  }
  wake_.notify_all();
  CancelRunning();
  watch_.join();
}

}  // namespace

std::unique_ptr<StandbyLink> StandbyLink::Make(Parts parts, const PeerCredentials& credentials) {
  return std::make_unique<Connection>(std::move(parts), credentials);
}

}  // namespace jalon::eventstore
