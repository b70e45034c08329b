#include "services/node/vault_process.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <utility>

#include "eventstore/peer/credentials.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "eventstore/vault/served/binding.h"
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
  Result<void> OpenKeys();
  Result<void> OpenPort();
  void Fault(const Error& error) {
    if (!faulted_.exchange(true)) on_fault_(error);
  }

  const Config config_;
  const SystemClock clock_;
  const std::function<void(const Error&)> on_fault_;
  std::atomic<bool> faulted_ = false;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<eventstore::LocalVault> vault_;
  std::unique_ptr<eventstore::DeploymentBinding> binding_;
  std::unique_ptr<eventstore::VaultServer> service_;
  std::unique_ptr<KeysOperator> operator_;
  std::unique_ptr<api::OperatorSocket> socket_;
  std::unique_ptr<api::PeerServer> server_;
};

Result<void> VaultProcess::Open() {
  JALON_RETURN_IF_ERROR(OpenFolder());
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

Result<void> VaultProcess::OpenKeys() {
  const std::string witness = KeysWitnessIn(config_.data);
  JALON_ASSIGN_OR_RETURN(
      vault_, eventstore::OpenEmbeddedVault(
                  {.folder = config_.data + "/keys",
                   .root_key_path =
                       config_.root_key.empty() ? config_.data + "/root.key" : config_.root_key,
                   .in_use = fs::exists(witness),
                   .witness_path = witness,
                   .on_failure = [this](const Error& error) { Fault(error); },
                   .key_backup = config_.key_backup,
                   .on_left = TellLeft},
                  clock_));
  JALON_ASSIGN_OR_RETURN(binding_,
                         eventstore::DeploymentBinding::Open(config_.data + "/deployment"));
  return {};
}

Result<void> VaultProcess::OpenPort() {
  JALON_ASSIGN_OR_RETURN(const auto credentials,
                         eventstore::PeerCredentials::Load(config_.certificates, clock_));
  const eventstore::PeerIdentity& self = credentials->certificates().self;
  if (self.kind != eventstore::PeerKind::kVault) {
    return Fail(Code::kFailedPrecondition, "CERTIFICATE_IS_ANOTHER",
                fmt::format("{} holds the certificate of {}, and no node would take that for a "
                            "vault: issue one of --kind vault",
                            config_.certificates, self.Uri()));
  }
  service_ = eventstore::VaultServer::Make(*vault_, *binding_, clock_);
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
                                      *credentials, {&service_->service()}));
  operator_ = std::make_unique<KeysOperator>(
      KeysOperator::Parts{.vault = vault_.get(), .key_backup = config_.key_backup});
  JALON_ASSIGN_OR_RETURN(
      socket_, api::OperatorSocket::Start(SocketIn(config_.data), nullptr, operator_.get()));
  server_->SetServing(kVaultHealth, true);
  server_->SetServing("", true);
  Log(Level::kInfo, "serving",
      {{"port", static_cast<uint64_t>(server_->port())}, {"as", self.Uri()}});
  return {};
}

// Also after a start that failed halfway.
void VaultProcess::Stop() {
  socket_.reset();  // waits for its calls
  if (server_ != nullptr) server_->Drain(std::chrono::milliseconds(config_.drain_ms));
}

}  // namespace

Result<std::unique_ptr<Node>> StartVault(const Config& config,
                                         std::function<void(const Error&)> on_fault) {
  auto vault = std::make_unique<VaultProcess>(config, std::move(on_fault));
  JALON_RETURN_IF_ERROR(vault->Open());
  return vault;
}

}  // namespace jalon::node
