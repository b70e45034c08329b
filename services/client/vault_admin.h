// What an operator asks of the process with the keys whose data folder is at hand, through the
// socket in it.
#pragma once

#include <memory>
#include <string>

#include "jalon/admin/v1/vault_admin_service.pb.h"
#include "services/client/admin.h"

namespace jalon::client {

// Thread safety: every call may come from any thread.
class VaultAdmin {
 public:
  // As Admin. Without a deadline, a call lasts as long as the work does.
  VaultAdmin(const std::string& data_folder, AdminOptions options);
  ~VaultAdmin();

  Reply GetVaultStatus(admin::v1::GetVaultStatusResponse* response) const;
  Reply BackUpKeys(const admin::v1::BackUpKeysRequest& request,
                   admin::v1::BackUpKeysResponse* response) const;
  Reply RotateSchoolKey(const admin::v1::RotateSchoolKeyRequest& request,
                        admin::v1::RotateSchoolKeyResponse* response) const;
  Reply DetachStandby() const;
  Reply ReattachStandby() const;
  Reply PromoteVault(const admin::v1::PromoteVaultRequest& request,
                     admin::v1::PromoteVaultResponse* response) const;

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace jalon::client
