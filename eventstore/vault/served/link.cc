#include "eventstore/vault/served/link.h"

#include <fmt/format.h>
#include <grpc/support/time.h>
#include <grpcpp/create_channel.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "eventstore/base/durable_file.h"
#include "eventstore/base/thread_name.h"
#include "eventstore/peer/credentials.h"
#include "eventstore/vault/mirror.h"
#include "eventstore/vault/served/limits.h"
#include "eventstore/vault/served/messages.h"
#include "eventstore/vault/served/pair_limits.h"
#include "eventstore/vault/served/standing.h"

namespace jalon::eventstore::served {
namespace {

// A vault that restarts is back in a second or two.
grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2000);  // bounds one attempt
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
  KeepAlive(&arguments);
  return arguments;
}

// The peer was not reached, or the connection broke.
bool IsAway(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::CANCELLED;
}

// It cannot just now, which it says in these words; the connection is fine.
bool SaysUnavailable(const grpc::Status& status) {
  const std::string& words = status.error_message();
  return words.starts_with("VAULT_UNAVAILABLE") || words.starts_with(kStandbyGone) ||
         words.starts_with("KEY_BACKUP_FAILED");
}

constexpr std::string_view kTermBegins = "jalon.vault.term.1 ";

// 1: none was kept.
Result<uint64_t> ReadTerm(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const int error = errno;
    if (error == ENOENT) return 1;
    return Fail(
        Code::kUnavailable, "VAULT_UNAVAILABLE",
        fmt::format("{}: {}; check that it is there and this user's", path, std::strerror(error)));
  }
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  uint64_t term = 0;
  if (text.starts_with(kTermBegins)) {
    std::from_chars(text.data() + kTermBegins.size(), text.data() + text.size(), term);
  }
  if (term > 0) return term;
  return Fail(Code::kDataLoss, "KEYS_WITNESS_DAMAGED",
              fmt::format("{} is damaged: nothing says whether the vault was replaced; remove it "
                          "if the vault is the one that was promoted last",
                          path));
}

Result<void> CheckPeer(const grpc::ClientContext& context) {
  const auto peer = PeerOf(*context.auth_context());
  if (peer && peer->kind == PeerKind::kVault) return {};
  return Fail(Code::kPermissionDenied, "VAULT_NOT_THERE",
              fmt::format("{} answers there, which is no vault: give the vault's own address, and "
                          "it a certificate of --kind vault",
                          peer ? peer->Uri() : "a process without a name"));
}

}  // namespace

void SetDeadline(std::chrono::milliseconds patience, grpc::ClientContext* context) {
  context->set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                     gpr_time_from_millis(patience.count(), GPR_TIMESPAN)));
}

Link::Link(RemoteVaultOptions options, const std::shared_ptr<grpc::ChannelCredentials>& credentials)
    : options_(std::move(options)),
      channel_(grpc::CreateCustomChannel(options_.address, credentials, Arguments())),
      stub_(pb::VaultService::NewStub(channel_)) {}

Link::~Link() {
  watch_.request_stop();
  {
    MutexLock lock(mutex_);  // it may be about to wait
    if (asking_ != nullptr) asking_->TryCancel();
  }
  wake_.notify_all();
}

void Link::Prepare(std::chrono::milliseconds patience, grpc::ClientContext* context) const {
  SetDeadline(patience, context);
  context->AddMetadata(kTermMetadata, std::to_string(term_));
}

Result<bool> Link::Take(const pb::Mark& mark, uint64_t seen_before) {
  const uint64_t term = std::max<uint64_t>(mark.term(), 1);
  if (term < term_) return false;
  JALON_RETURN_IF_ERROR(CheckTerm(term));
  JALON_RETURN_IF_ERROR(CheckMark(Read(mark), seen_before));
  return KeepTerm(term);
}

// A node that has seen no vault has nothing to compare with.
Result<void> Link::CheckTerm(uint64_t term) {
  MutexLock lock(mutex_);
  if (!seen_ || term <= term_ || term - term_ <= kTermsMissedMax) return {};
  return Fail(Code::kFailedPrecondition, "VAULT_TERM_INVALID",
              fmt::format("the vault at {} says that its term is {}, and this node has seen {}: so "
                          "many promotions nobody has missed; give the address of the vault that "
                          "was promoted last, and if it is that one, removing {} accepts it",
                          options_.address, term, term_.load(), options_.witness_path));
}

Result<bool> Link::KeepTerm(uint64_t term) {
  if (term == term_) return true;
  MutexLock lock(mutex_);
  if (term <= term_) return term == term_;
  const std::string path = TermFileOf(options_.witness_path);
  if (const std::error_code failed =
          WriteFileDurably(path, fmt::format("{}{}\n", kTermBegins, term))) {
    return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE",
                fmt::format("{}: {}; check that its folder is there and this user's", path,
                            failed.message()));
  }
  term_ = term;
  return true;
}

Error Link::Away() const {
  return {Code::kUnavailable,
          "VAULT_UNAVAILABLE",
          fmt::format("the vault at {} is not reached: nothing is sealed or opened until it is; "
                      "check its process and the network",
                      options_.address),
          {}};
}

Result<void> Link::Start() {
  JALON_ASSIGN_OR_RETURN(const uint64_t term, ReadTerm(TermFileOf(options_.witness_path)));
  term_ = term;
  {
    MutexLock lock(mutex_);
    JALON_ASSIGN_OR_RETURN(witness_, KeyWitness::Open(options_.witness_path));
    if (witness_ != nullptr) seen_ = witness_->Last();
  }
  JALON_RETURN_IF_ERROR(Ask(kFirstContactMax));
  Tell();
  watch_ = std::jthread([this](const std::stop_token& stop) { Watch(stop); });
  return {};
}

void Link::Watch(const std::stop_token& stop) {
  NameThread("vault-watch");
  while (!stop.stop_requested() && !refused_) {
    {
      MutexLock lock(mutex_);
      const bool was = reachable_;
      lock.WaitFor(wake_, was ? Micros(kAskedEach) : Micros(kAskedEachWhileAway),
                   [&]() JALON_REQUIRES(mutex_) {
                     return stop.stop_requested() || reachable_ != was || ask_now_;
                   });
      ask_now_ = false;
    }
    if (stop.stop_requested()) return;
    Tell();
    if (const auto asked = Ask(kMarkMax); !asked) Refuse(asked.error());
    Tell();
  }
}

Result<void> Link::Ask(std::chrono::milliseconds patience) {
  const std::optional<KeyMark> seen = Seen();
  grpc::ClientContext context;
  Prepare(patience, &context);
  // One that is away may come back meanwhile; of one that was there, the end is to be seen at once.
  context.set_wait_for_ready(!reachable_);
  const auto set_asking = [this](grpc::ClientContext* asking) {
    MutexLock lock(mutex_);
    asking_ = asking;
  };
  set_asking(&context);
  pb::GetMarkRequest request;
  request.set_deployment(options_.deployment);
  request.set_in_use(options_.in_use || seen);
  pb::GetMarkResponse response;
  const grpc::Status status = stub_->GetMark(&context, request, &response);
  set_asking(nullptr);
  if (status.error_code() == grpc::StatusCode::PERMISSION_DENIED) {
    return Fail(Code::kPermissionDenied, "PEER_NOT_SERVED",
                fmt::format("the vault at {} does not serve this process ({}): give it a "
                            "certificate of --kind node",
                            options_.address, status.error_message()));
  }
  if (status.error_message().starts_with("KEYS_MISSING")) {
    return Fail(Code::kFailedPrecondition, "KEYS_MISSING",
                fmt::format("the vault at {} has made no key yet, but the log has records that are "
                            "sealed: give the address of the vault that has their keys, or put "
                            "its keys back from their backup",
                            options_.address));
  }
  if (status.error_code() == grpc::StatusCode::FAILED_PRECONDITION) {
    return Fail(Code::kFailedPrecondition, "VAULT_OF_ANOTHER_DEPLOYMENT",
                fmt::format("the vault at {} has the keys of another deployment than this node's "
                            "log is of: give the address of this one's vault, or begin a new one",
                            options_.address));
  }
  if (!status.ok()) {
    SetReachable(false, status.error_message());
    return {};
  }
  JALON_RETURN_IF_ERROR(CheckPeer(context));
  JALON_ASSIGN_OR_RETURN(const bool current, Take(response.mark(), seen ? seen->writes : 0));
  if (!current) {
    SetReachable(false,
                 "VAULT_FENCED: its standby was promoted in its place: give --vault the "
                 "address of that one");
    return {};
  }
  SetReachable(true, "");
  return {};
}

std::optional<KeyMark> Link::Seen() {
  MutexLock lock(mutex_);
  return seen_;
}

uint64_t Link::SeenWrites() {
  MutexLock lock(mutex_);
  return seen_ ? seen_->writes : 0;
}

Result<void> Link::CheckMark(const std::optional<KeyMark>& stated, uint64_t seen_before) {
  if (!stated) {
    return Fail(Code::kFailedPrecondition, "VAULT_NOT_THERE",
                fmt::format("the vault at {} answers without saying how new its keys are: run the "
                            "same version there and here",
                            options_.address));
  }
  const KeyMark& mark = *stated;
  MutexLock lock(mutex_);
  if (!seen_) {
    JALON_RETURN_IF_ERROR(KeyWitness::Create(options_.witness_path, mark));
    JALON_ASSIGN_OR_RETURN(witness_, KeyWitness::Open(options_.witness_path));
    seen_ = mark;
  }
  if (mark.life != seen_->life) {
    return Fail(Code::kFailedPrecondition, "VAULT_IS_ANOTHER",
                fmt::format("the vault at {} is not the one whose keys this node has used: give "
                            "the address of that one; if its keys are lost for good, removing {} "
                            "accepts it",
                            options_.address, options_.witness_path));
  }
  if (mark.writes < seen_before) {
    return Fail(Code::kFailedPrecondition, "KEYS_OLDER",
                fmt::format("the vault at {} has an older copy of its keys than this node has "
                            "used: put the newest copy back there; if it is lost for good, "
                            "removing {} accepts it, and whoever was erased since must be erased "
                            "again",
                            options_.address, options_.witness_path));
  }
  if (mark.writes > seen_->writes) {
    seen_->writes = mark.writes;
    witness_->Write(mark.writes);
  }
  return {};
}

Result<void> Link::Admit(const grpc::ClientContext& context, const grpc::Status& status,
                         const pb::Mark& mark, uint64_t seen_before) {
  if (!status.ok()) {
    if (IsAway(status) && !SaysUnavailable(status)) SetReachable(false, status.error_message());
    if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) AskNow();
    Error error = Away();
    error.message = fmt::format("the vault at {} does not answer as it should ({}): see its log",
                                options_.address, status.error_message());
    return std::unexpected(std::move(error));
  }
  Result<void> checked = CheckPeer(context);
  if (checked) {
    const Result<bool> current = Take(mark, seen_before);
    if (current && !*current) {
      AskNow();  // which says why
      return std::unexpected(Away());
    }
    if (!current) checked = std::unexpected(current.error());
  }
  if (checked) return {};
  Refuse(checked.error());
  return std::unexpected(Away());
}

void Link::SetReachable(bool reachable, const std::string& why) {
  {
    MutexLock lock(mutex_);  // the watch may be about to wait
    if (!reachable) why_away_ = why;
    reachable_ = reachable && !refused_;
  }
  wake_.notify_all();
}

// One slow call is no silent vault: only the question that the watch asks tells.
void Link::AskNow() {
  {
    MutexLock lock(mutex_);
    ask_now_ = true;
  }
  wake_.notify_all();
}

void Link::Tell() {
  const bool reachable = reachable_;
  if (std::exchange(told_reachable_, reachable) == reachable || !options_.on_reachable) return;
  std::string why;
  {
    MutexLock lock(mutex_);
    if (!reachable) why = why_away_;
  }
  options_.on_reachable(reachable, why);
}

void Link::Refuse(const Error& error) {
  if (refused_.exchange(true)) return;
  SetReachable(false, error.message);
  if (options_.on_refused) options_.on_refused(error);
}

}  // namespace jalon::eventstore::served
