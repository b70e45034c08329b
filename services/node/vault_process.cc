#include "services/node/vault_process.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <utility>

#include "eventstore/peer/credentials.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "eventstore/vault/served/binding.h"
#include "eventstore/vault/served/standby_link.h"
#include "eventstore/vault/served/standby_server.h"
#include "eventstore/vault/served/standing.h"
#include "eventstore/vault/served/vault_server.h"
#include "services/api/operator.h"
#include "services/api/peer_server.h"
#include "services/node/data_folder.h"
#include "services/node/disk_space.h"
#include "services/node/files.h"
#include "services/node/json_log.h"
#include "services/node/keys_operator.h"
#include "services/node/vault_link.h"

namespace jalon::node {
namespace {

namespace fs = std::filesystem;
using eventstore::Standing;

// Members stand in the order in which they are made; each may use those above it.
class VaultProcess final : public Node {
 public:
  VaultProcess(const Config& config, std::function<void(const Error&)> on_fault)
      : config_(config), on_fault_(std::move(on_fault)) {}
  ~VaultProcess() override { Stop(); }

  Result<void> Open();
  int Port() const override { return server_->port(); }
  void Stop() override;

 private:
  Result<void> OpenFolder();
  Result<void> OpenStanding();
  Result<void> OpenLink();
  Result<void> OpenKeys();
  Result<void> OpenPort();
  void OnRole();
  void Fault(const Error& error) {
    if (!faulted_.exchange(true)) on_fault_(error);
  }

  const Config config_;
  const SystemClock clock_;
  const std::function<void(const Error&)> on_fault_;
  std::atomic<bool> faulted_ = false;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<eventstore::PeerCredentials> credentials_;
  std::unique_ptr<Standing> standing_;
  std::unique_ptr<eventstore::DeploymentBinding> binding_;
  std::unique_ptr<eventstore::StandbyLink> link_;  // null: it has no standby
  std::unique_ptr<eventstore::LocalVault> vault_;
  std::unique_ptr<eventstore::StandbyServer> standby_;
  std::unique_ptr<eventstore::VaultServer> service_;
  std::unique_ptr<KeysOperator> operator_;
  std::unique_ptr<api::OperatorSocket> socket_;
  std::unique_ptr<api::PeerServer> server_;
};

Result<void> VaultProcess::Open() {
  JALON_RETURN_IF_ERROR(OpenFolder());
  JALON_RETURN_IF_ERROR(OpenStanding());
  JALON_RETURN_IF_ERROR(OpenLink());
  JALON_RETURN_IF_ERROR(OpenKeys());
  return OpenPort();
}

Result<void> VaultProcess::OpenFolder() {
  std::error_code failed;
  if (fs::create_directories(config_.data, failed)) {
    fs::permissions(config_.data, fs::perms::owner_all, failed);
  }
  JALON_ASSIGN_OR_RETURN(lock_, FileLock::Take(LockIn(config_.data)));
  if (fs::exists(LogIn(config_.data)) || fs::exists(StateIn(config_.data))) {
    return Fail(Code::kFailedPrecondition, "CONFIG_INVALID",
                fmt::format("{} is the folder of a node: give the vault a --data of its own, on "
                            "another machine where there is one",
                            config_.data));
  }
  return NeedFree(config_.data, kRoomToWork, "to start");
}

// What the options want of it and what it was last must go together.
Result<void> VaultProcess::OpenStanding() {
  JALON_ASSIGN_OR_RETURN(standing_, Standing::Open(config_.data + "/standing"));
  const Standing::Role role = standing_->role();
  if (config_.standby_of.empty()) {
    if (role == Standing::Role::kServing) return {};
    return Fail(Code::kFailedPrecondition,
                role == Standing::Role::kFenced ? "VAULT_FENCED" : "VAULT_IS_STANDBY",
                fmt::format("{} is that of a vault {}: start it with --standby-of and the name of "
                            "the vault; if that one is lost, promote this one then",
                            config_.data,
                            role == Standing::Role::kFenced ? "whose standby was promoted"
                                                            : "that is a standby"));
  }
  // Nobody can have been promoted in the place of one that had no standby.
  const bool was_promoted = role == Standing::Role::kServing && standing_->term() > 1 &&
                            standing_->standby() == Standing::Standby::kNone;
  if (!was_promoted) return standing_->BecomeStandby();
  Log(Level::kWarning, "this vault was promoted, and serves: leave --standby-of out",
      {{"term", standing_->term()}});
  return {};
}

Result<void> VaultProcess::OpenLink() {
  JALON_ASSIGN_OR_RETURN(credentials_,
                         eventstore::PeerCredentials::Load(config_.certificates, clock_));
  JALON_ASSIGN_OR_RETURN(binding_,
                         eventstore::DeploymentBinding::Open(config_.data + "/deployment"));
  const bool had_one = standing_->standby() == Standing::Standby::kAttached ||
                       standing_->standby() == Standing::Standby::kReattaching;
  if (config_.standby.empty() && !had_one) return {};
  link_ = eventstore::StandbyLink::Make(
      {.address = config_.standby,
       .name = config_.standby_name,
       .binding = *binding_,
       .standing = *standing_,
       .on_state =
           [](bool in_step, const std::string& why) {
             if (in_step) return Log(Level::kInfo, "the standby has every key");
             Log(Level::kWarning,
                 "the standby is gone: no key is made or destroyed until it is back, or detached",
                 {{"why", why}});
           },
       .on_left = TellLeft},
      *credentials_);
  return {};
}

Result<void> VaultProcess::OpenKeys() {
  const std::string witness = KeysWitnessIn(config_.data);
  JALON_ASSIGN_OR_RETURN(
      vault_, eventstore::OpenEmbeddedVault(
                  {.folder = config_.data + "/keys",
                   .root_key_path =
                       config_.root_key.empty() ? config_.data + "/root.key" : config_.root_key,
                   .in_use = fs::exists(witness),  // a standby's is made with its keys
                   .witness_path = witness,
                   .on_failure = [this](const Error& error) { Fault(error); },
                   .key_backup = config_.key_backup,
                   .on_left = TellLeft,
                   .mirror = link_.get(),
                   .standby = standing_->role() == Standing::Role::kStandby},
                  clock_));
  if (link_ != nullptr) link_->Start(*vault_);
  return {};
}

Result<void> VaultProcess::OpenPort() {
  const eventstore::PeerIdentity& self = credentials_->certificates().self;
  if (self.kind != eventstore::PeerKind::kVault) {
    return Fail(Code::kFailedPrecondition, "CERTIFICATE_IS_ANOTHER",
                fmt::format("{} holds the certificate of {}, and no node would take that for a "
                            "vault: issue one of --kind vault",
                            config_.certificates, self.Uri()));
  }
  service_ = eventstore::VaultServer::Make(*vault_, *binding_, clock_, standing_.get());
  std::vector<grpc::Service*> services = {&service_->service()};
  // Also of one that serves: it tells the vault before it, which was detached from it, that it
  // does.
  standby_ = eventstore::StandbyServer::Make(
      {.vault = *vault_, .binding = *binding_, .standing = *standing_, .of = config_.standby_of});
  services.push_back(&standby_->service());
  JALON_ASSIGN_OR_RETURN(
      server_, api::PeerServer::Start({.listen = config_.peer_listen,
                                       .health_names = {kVaultHealth},
                                       .on_refused =
                                           [](uint64_t connections) {
                                             Log(Level::kWarning,
                                                 "too many connections: new ones are closed at "
                                                 "once",
                                                 {{"closed", connections}});
                                           }},
                                      *credentials_, services));
  const bool stands_by = standing_->role() == Standing::Role::kStandby;
  operator_ = std::make_unique<KeysOperator>(
      KeysOperator::Parts{.vault = vault_.get(),
                          .key_backup = config_.key_backup,
                          .standing = standing_.get(),
                          .link = link_.get(),
                          .standby = stands_by ? standby_.get() : nullptr});
  JALON_ASSIGN_OR_RETURN(
      socket_, api::OperatorSocket::Start(SocketIn(config_.data), nullptr, operator_.get()));
  standing_->SetOnRole([this] { OnRole(); });
  OnRole();
  server_->SetServing("", true);
  Log(Level::kInfo, "serving",
      {{"port", static_cast<uint64_t>(server_->port())}, {"as", self.Uri()}});
  return {};
}

// From any thread.
void VaultProcess::OnRole() {
  const Result<void> serves = standing_->MayServe();
  server_->SetServing(kVaultHealth, serves.has_value());
  if (!serves)
    return Log(Level::kWarning, serves.error().message, {{"reason", serves.error().reason}});
  if (standing_->term() > 1) Log(Level::kInfo, "this is the vault", {{"term", standing_->term()}});
}

// Also after a start that failed halfway.
void VaultProcess::Stop() {
  socket_.reset();  // waits for its calls
  if (link_ != nullptr) link_->Stop();
  if (server_ != nullptr) server_->Drain(std::chrono::milliseconds(config_.drain_ms));
  if (standing_ != nullptr) standing_->SetOnRole({});  // the port goes before whoever tells
}

}  // namespace

Result<std::unique_ptr<Node>> StartVault(const Config& config,
                                         std::function<void(const Error&)> on_fault) {
  auto vault = std::make_unique<VaultProcess>(config, std::move(on_fault));
  JALON_RETURN_IF_ERROR(vault->Open());
  return vault;
}

}  // namespace jalon::node
