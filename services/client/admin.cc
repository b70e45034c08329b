#include "services/client/admin.h"

#include <grpcpp/create_channel.h>

#include <chrono>
#include <filesystem>

#include "jalon/admin/v1/admin_service.grpc.pb.h"
#include "services/client/status.h"

namespace jalon::client {
namespace {

using admin::v1::AdminService;

constexpr std::chrono::seconds kAnswerWithin{30};

// Every call without progress.
template <typename Request, typename Response>
using Unary = grpc::Status (AdminService::Stub::*)(grpc::ClientContext*, const Request&, Response*);

}  // namespace

struct Admin::Connection {
  std::unique_ptr<AdminService::Stub> stub;
  AdminOptions options;

  void Prepare(grpc::ClientContext& context) const {
    context.AddMetadata("accept-language", options.language);
    if (!options.deadline_ms) return;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::milliseconds(*options.deadline_ms));
  }

  template <typename Request, typename Response>
  Reply Call(Unary<Request, Response> method, const Request& request, Response* response) const {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kAnswerWithin);
    Prepare(context);
    Reply reply;
    ReadStatus((stub.get()->*method)(&context, request, response), &reply);
    return reply;
  }

  // Reads progress until the server ends the call or `step` does.
  template <typename Progress, typename Open>
  Reply Follow(const Open& open, const Step<Progress>& step) const {
    grpc::ClientContext context;
    Prepare(context);
    const auto reader = open(&context);
    Progress progress;
    while (reader->Read(&progress)) {
      if (!step(progress)) context.TryCancel();
    }
    Reply reply;
    ReadStatus(reader->Finish(), &reply);
    return reply;
  }
};

std::string AdminSocket(const std::string& data_folder) { return data_folder + "/admin.sock"; }

Admin::Admin(const std::string& data_folder, AdminOptions options)
    : connection_(std::make_unique<Connection>()) {
  // gRPC wants a path from the root.
  std::error_code failed;
  const std::filesystem::path path =
      std::filesystem::absolute(AdminSocket(data_folder), failed).lexically_normal();
  connection_->stub = AdminService::NewStub(
      grpc::CreateChannel("unix:" + path.string(), grpc::InsecureChannelCredentials()));
  connection_->options = std::move(options);
}
Admin::~Admin() = default;

Reply Admin::ListViews(admin::v1::ListViewsResponse* response) const {
  return connection_->Call(&AdminService::Stub::ListViews, admin::v1::ListViewsRequest(), response);
}

Reply Admin::CancelRebuild(const std::string& name,
                           admin::v1::CancelRebuildResponse* response) const {
  admin::v1::CancelRebuildRequest request;
  request.set_name(name);
  return connection_->Call(&AdminService::Stub::CancelRebuild, request, response);
}

Reply Admin::GetLogStatus(admin::v1::GetLogStatusResponse* response) const {
  return connection_->Call(&AdminService::Stub::GetLogStatus, admin::v1::GetLogStatusRequest(),
                           response);
}

Reply Admin::AdvanceClock(const admin::v1::AdvanceClockRequest& request,
                          admin::v1::AdvanceClockResponse* response) const {
  return connection_->Call(&AdminService::Stub::AdvanceClock, request, response);
}

Reply Admin::RebuildView(const std::string& name,
                         const Step<admin::v1::RebuildViewResponse>& step) const {
  admin::v1::RebuildViewRequest request;
  request.set_name(name);
  return connection_->Follow<admin::v1::RebuildViewResponse>(
      [&](grpc::ClientContext* context) {
        return connection_->stub->RebuildView(context, request);
      },
      step);
}

Reply Admin::VerifyLog(const Step<admin::v1::VerifyLogResponse>& step) const {
  return connection_->Follow<admin::v1::VerifyLogResponse>(
      [&](grpc::ClientContext* context) {
        return connection_->stub->VerifyLog(context, admin::v1::VerifyLogRequest());
      },
      step);
}

Reply Admin::BackupLog(const std::string& target_path,
                       const Step<admin::v1::BackupLogResponse>& step) const {
  admin::v1::BackupLogRequest request;
  request.set_target_path(target_path);
  return connection_->Follow<admin::v1::BackupLogResponse>(
      [&](grpc::ClientContext* context) { return connection_->stub->BackupLog(context, request); },
      step);
}

}  // namespace jalon::client
