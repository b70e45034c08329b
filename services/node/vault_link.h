// The vault of a node, where another process is it (`--vault`): opened, and told of. And whether
// keys and log belong together, where they are here.
#pragma once

#include <functional>
#include <memory>

#include "eventstore/base/clock.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/mutex.h"
#include "eventstore/vault/local_vault.h"
#include "eventstore/vault/vault.h"
#include "services/node/config.h"
#include "services/node/data_folder.h"

namespace jalon::node {

// What health checks are asked for it.
inline constexpr const char* kVaultHealth = "vault";

// Whether the vault can be reached, for whoever is told: each change once, and in order.
//
// Thread safety: every call may come from any thread.
class VaultSign {
 public:
  void Set(bool reachable) JALON_EXCLUDES(mutex_);
  bool Get() JALON_EXCLUDES(mutex_);
  // Tells what is so now, and each change, until Detach. `tell` must not call back.
  void Attach(std::function<void(bool reachable)> tell) JALON_EXCLUDES(mutex_);
  void Detach() JALON_EXCLUDES(mutex_);

 private:
  Mutex mutex_;
  bool reachable_ JALON_GUARDED_BY(mutex_) = false;
  std::function<void(bool)> tell_ JALON_GUARDED_BY(mutex_);
};

// The keys of the folder are, from its first start on, those of the one deployment that its log is
// of: another's log would have them swept. FAILED_PRECONDITION LOG_IS_ANOTHER; the errors of
// DeploymentBinding.
Result<void> CheckKeysAreOfLog(const DataFolder& folder);

// The vault of the folder's own keys. `on_fault`: they cannot be read or made any more. Errors of
// OpenEmbeddedVault and CheckKeysAreOfLog.
Result<std::unique_ptr<eventstore::LocalVault>> OpenVaultHere(
    const Config& config, const DataFolder& folder, bool in_use,
    const std::function<void(const Error&)>& on_fault);
// Says that an erasure or a rotation waits, for EmbeddedVaultOptions::on_left.
void TellLeft(const Error& error);

struct VaultLinkParts {
  Bytes deployment;          // of the log
  std::string witness_path;  // what this node saw of the vault
  bool in_use = false;       // the log has records
  VaultSign& sign;
  std::function<void(const Error&)> on_refused;  // the node must not go on
};

// Finds the vault that the configuration names, or goes on without it and looks for it. Errors:
// those of OpenRemoteVault and of LoadCertificates.
// All that is given must outlive the vault.
Result<std::unique_ptr<eventstore::Vault>> OpenVaultElsewhere(const Config& config,
                                                              const VaultLinkParts& parts,
                                                              const Clock& clock);

}  // namespace jalon::node
