// What an operator may ask of a process that has keys (jalon.admin.v1.VaultAdminService), on the
// socket of operator.h.
#pragma once

#include <memory>

#include "eventstore/base/result.h"
#include "jalon/admin/v1/vault_admin_service.pb.h"

namespace grpc {
class Service;
}

namespace jalon::api {

// Thread safety: every call may come from any thread. Each takes as long as the work does.
class VaultOperator {
 public:
  virtual ~VaultOperator() = default;
  virtual Result<admin::v1::GetVaultStatusResponse> GetVaultStatus() = 0;
  virtual Result<admin::v1::BackUpKeysResponse> BackUpKeys(
      const admin::v1::BackUpKeysRequest& request) = 0;
  virtual Result<admin::v1::RotateSchoolKeyResponse> RotateSchoolKey(
      const admin::v1::RotateSchoolKeyRequest& request) = 0;
  virtual Result<void> DetachStandby() = 0;
  virtual Result<void> ReattachStandby() = 0;
  virtual Result<admin::v1::PromoteVaultResponse> PromoteVault(
      const admin::v1::PromoteVaultRequest& request) = 0;
};

// `asked` must outlive the service.
std::unique_ptr<grpc::Service> MakeVaultAdminService(VaultOperator& asked);

}  // namespace jalon::api
