#include "services/client/vault_admin.h"

#include <grpcpp/create_channel.h>

#include <chrono>
#include <filesystem>
#include <utility>

#include "jalon/admin/v1/vault_admin_service.grpc.pb.h"
#include "services/client/status.h"

namespace jalon::client {

using admin::v1::VaultAdminService;

struct VaultAdmin::Connection {
  std::unique_ptr<VaultAdminService::Stub> stub;
  AdminOptions options;

  template <typename Method, typename Request, typename Response>
  Reply Call(Method method, const Request& request, Response* response) const {
    grpc::ClientContext context;
    context.AddMetadata("accept-language", options.language);
    if (options.deadline_ms) {
      context.set_deadline(std::chrono::system_clock::now() +
                           std::chrono::milliseconds(*options.deadline_ms));
    }
    Reply reply;
    ReadStatus((stub.get()->*method)(&context, request, response), &reply);
    return reply;
  }
};

VaultAdmin::VaultAdmin(const std::string& data_folder, AdminOptions options)
    : connection_(std::make_unique<Connection>()) {
  std::error_code failed;  // gRPC wants a path from the root
  const std::filesystem::path path =
      std::filesystem::absolute(AdminSocket(data_folder), failed).lexically_normal();
  connection_->stub = VaultAdminService::NewStub(
      grpc::CreateChannel("unix:" + path.string(), grpc::InsecureChannelCredentials()));
  connection_->options = std::move(options);
}
VaultAdmin::~VaultAdmin() = default;

Reply VaultAdmin::GetVaultStatus(admin::v1::GetVaultStatusResponse* response) const {
  return connection_->Call(&VaultAdminService::Stub::GetVaultStatus,
                           admin::v1::GetVaultStatusRequest(), response);
}

Reply VaultAdmin::BackUpKeys(const admin::v1::BackUpKeysRequest& request,
                             admin::v1::BackUpKeysResponse* response) const {
  return connection_->Call(&VaultAdminService::Stub::BackUpKeys, request, response);
}

Reply VaultAdmin::RotateSchoolKey(const admin::v1::RotateSchoolKeyRequest& request,
                                  admin::v1::RotateSchoolKeyResponse* response) const {
  return connection_->Call(&VaultAdminService::Stub::RotateSchoolKey, request, response);
}

Reply VaultAdmin::DetachStandby() const {
  admin::v1::DetachStandbyResponse response;
  return connection_->Call(&VaultAdminService::Stub::DetachStandby,
                           admin::v1::DetachStandbyRequest(), &response);
}

Reply VaultAdmin::ReattachStandby() const {
  admin::v1::ReattachStandbyResponse response;
  return connection_->Call(&VaultAdminService::Stub::ReattachStandby,
                           admin::v1::ReattachStandbyRequest(), &response);
}

Reply VaultAdmin::PromoteVault(const admin::v1::PromoteVaultRequest& request,
                               admin::v1::PromoteVaultResponse* response) const {
  return connection_->Call(&VaultAdminService::Stub::PromoteVault, request, response);
}

}  // namespace jalon::client
