#include "services/node/vault_link.h"

#include <fmt/format.h>

#include <utility>

#include "eventstore/peer/credentials.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "eventstore/vault/served/binding.h"
#include "eventstore/vault/served/remote_vault.h"
#include "services/node/json_log.h"

namespace jalon::node {

void VaultSign::Set(bool reachable) {
  MutexLock lock(mutex_);
  reachable_ = reachable;
  if (tell_) tell_(reachable);
}

bool VaultSign::Get() {
  MutexLock lock(mutex_);
  return reachable_;
}

void VaultSign::Attach(std::function<void(bool)> tell) {
  MutexLock lock(mutex_);
  tell_ = std::move(tell);
  tell_(reachable_);
}

void VaultSign::Detach() {
  MutexLock lock(mutex_);
  tell_ = nullptr;
}

Result<void> CheckKeysAreOfLog(const DataFolder& folder) {
  JALON_ASSIGN_OR_RETURN(const auto binding,
                         eventstore::DeploymentBinding::Open(folder.KeysDeployment()));
  const Result<void> admitted = binding->Admit(folder.birth().cluster_id);
  if (admitted || admitted.error().reason != "VAULT_OF_ANOTHER_DEPLOYMENT") return admitted;
  return Fail(Code::kFailedPrecondition, "LOG_IS_ANOTHER",
              fmt::format("{} has the keys of another deployment than the one whose log this is: "
                          "give --log the address of the log of these keys, or another --data",
                          folder.Keys()));
}

void TellLeft(const Error& error) {
  LogError("an epoch of keys is not ended yet, nor the erasure that it waits for", error);
}

Result<std::unique_ptr<eventstore::LocalVault>> OpenVaultHere(
    const Config& config, const DataFolder& folder, bool in_use,
    const std::function<void(const Error&)>& on_fault) {
  JALON_ASSIGN_OR_RETURN(auto vault,
                         eventstore::OpenEmbeddedVault({.folder = folder.Keys(),
                                                        .root_key_path = folder.RootKey(),
                                                        .in_use = in_use,
                                                        .witness_path = folder.KeysWitness(),
                                                        .on_failure = on_fault,
                                                        .key_backup = config.key_backup,
                                                        .on_left = TellLeft},
                                                       folder.clock()));
  JALON_RETURN_IF_ERROR(CheckKeysAreOfLog(folder));
  return vault;
}

Result<std::unique_ptr<eventstore::Vault>> OpenVaultElsewhere(const Config& config,
                                                              const VaultLinkParts& parts,
                                                              const Clock& clock) {
  JALON_ASSIGN_OR_RETURN(const auto credentials,
                         eventstore::PeerCredentials::Load(config.certificates, clock));
  VaultSign& sign = parts.sign;
  const std::string address = config.vault;
  JALON_ASSIGN_OR_RETURN(
      auto vault, eventstore::OpenRemoteVault(
                      {.address = address,
                       .deployment = parts.deployment,
                       .witness_path = parts.witness_path,
                       .in_use = parts.in_use,
                       .on_refused = parts.on_refused,
                       .on_reachable =
                           [&sign, address](bool reachable, const std::string& why) {
                             sign.Set(reachable);
                             if (reachable)
                               return Log(Level::kInfo, "the vault is there", {{"at", address}});
                             Log(Level::kWarning,
                                 "the vault is away: what needs a key is refused until it is back",
                                 {{"at", address}, {"why", why}});
                           }},
                      *credentials, clock));
  if (!sign.Get()) {
    Log(Level::kWarning,
        "starting without the vault: what needs a key is refused until it is there",
        {{"at", address}});
  }
  return vault;
}

}  // namespace jalon::node
