#include "services/api/vault_operator.h"

#include <utility>

#include "jalon/admin/v1/vault_admin_service.grpc.pb.h"
#include "services/api/call_threads.h"

namespace jalon::api {
namespace {

using grpc::CallbackServerContext;
using Base = admin::v1::VaultAdminService::CallbackService;

class Service final : public Base {
 public:
  explicit Service(VaultOperator& asked) : asked_(asked) {}

  grpc::ServerUnaryReactor* GetVaultStatus(CallbackServerContext* context,
                                           const admin::v1::GetVaultStatusRequest*,
                                           admin::v1::GetVaultStatusResponse* response) override {
    return threads_.Answer(*context, response, [this] { return asked_.GetVaultStatus(); });
  }
  grpc::ServerUnaryReactor* BackUpKeys(CallbackServerContext* context,
                                       const admin::v1::BackUpKeysRequest* request,
                                       admin::v1::BackUpKeysResponse* response) override {
    return threads_.Answer(*context, response,
                           [this, request] { return asked_.BackUpKeys(*request); });
  }
  grpc::ServerUnaryReactor* RotateSchoolKey(CallbackServerContext* context,
                                            const admin::v1::RotateSchoolKeyRequest* request,
                                            admin::v1::RotateSchoolKeyResponse* response) override {
    return threads_.Answer(*context, response,
                           [this, request] { return asked_.RotateSchoolKey(*request); });
  }
  grpc::ServerUnaryReactor* DetachStandby(CallbackServerContext* context,
                                          const admin::v1::DetachStandbyRequest*,
                                          admin::v1::DetachStandbyResponse* response) override {
    return Do(*context, response, [this] { return asked_.DetachStandby(); });
  }
  grpc::ServerUnaryReactor* ReattachStandby(CallbackServerContext* context,
                                            const admin::v1::ReattachStandbyRequest*,
                                            admin::v1::ReattachStandbyResponse* response) override {
    return Do(*context, response, [this] { return asked_.ReattachStandby(); });
  }
  grpc::ServerUnaryReactor* PromoteVault(CallbackServerContext* context,
                                         const admin::v1::PromoteVaultRequest* request,
                                         admin::v1::PromoteVaultResponse* response) override {
    return threads_.Answer(*context, response,
                           [this, request] { return asked_.PromoteVault(*request); });
  }

 private:
  // What answers with nothing but that it is done.
  template <typename Response, typename Act>
  grpc::ServerUnaryReactor* Do(CallbackServerContext& context, Response* response, Act act) {
    return threads_.Answer(context, response, [act]() -> Result<Response> {
      JALON_RETURN_IF_ERROR(act());
      return Response();
    });
  }

  VaultOperator& asked_;
  CallThreads threads_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeVaultAdminService(VaultOperator& asked) {
  return std::make_unique<Service>(asked);
}

}  // namespace jalon::api
