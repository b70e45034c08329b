// What the operator's socket asks of the keys: of a process that is a vault, or of a node with keys
// of its own.
#pragma once

#include <string>

#include "eventstore/vault/local_vault.h"
#include "eventstore/vault/served/standby_link.h"
#include "eventstore/vault/served/standby_server.h"
#include "eventstore/vault/served/standing.h"
#include "services/api/vault_operator.h"

namespace jalon::node {

// Thread safety: every call may come from any thread.
class KeysOperator final : public api::VaultOperator {
 public:
  struct Parts {
    eventstore::LocalVault* vault = nullptr;  // null: the keys are in another process
    std::string key_backup = {};              // the folder that erasures copy them to
    // Of a vault in a process of its own; else null. `link`: where it has a standby, and `standby`
    // where it is one.
    eventstore::Standing* standing = nullptr;
    eventstore::StandbyLink* link = nullptr;
    eventstore::StandbyServer* standby = nullptr;
  };
  // All must outlive it.
  explicit KeysOperator(Parts parts) : parts_(std::move(parts)) {}

  Result<admin::v1::GetVaultStatusResponse> GetVaultStatus() override;
  Result<admin::v1::BackUpKeysResponse> BackUpKeys(
      const admin::v1::BackUpKeysRequest& request) override;
  Result<admin::v1::RotateSchoolKeyResponse> RotateSchoolKey(
      const admin::v1::RotateSchoolKeyRequest& request) override;
  Result<void> DetachStandby() override;
  Result<void> ReattachStandby() override;
  Result<admin::v1::PromoteVaultResponse> PromoteVault(
      const admin::v1::PromoteVaultRequest& request) override;

 private:
  // The vault, unless it is a standby or was replaced: it makes and copies no keys of its own then.
  Result<eventstore::LocalVault*> ServingVault() const;
  // FAILED_PRECONDITION KEYS_ELSEWHERE.
  Result<eventstore::LocalVault*> Vault() const;

  const Parts parts_;
};

}  // namespace jalon::node
