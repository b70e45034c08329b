#include "services/api/operator.h"

#include <fmt/format.h>
#include <grpcpp/server_builder.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "jalon/admin/v1/admin_service.grpc.pb.h"
#include "services/api/language.h"
#include "services/api/status.h"

namespace jalon::api {
namespace {

using grpc::ServerContext;
using grpc::ServerWriter;
using grpc::Status;

constexpr int kThreadsMax = 8;
// A path of a Unix socket is at most this long on Linux.
constexpr size_t kSocketPathMax = 107;

Language LanguageOf(const ServerContext& context) {
  const auto found = context.client_metadata().find("accept-language");
  if (found == context.client_metadata().end()) return Language::kEnglish;
  return api::LanguageOf({found->second.data(), found->second.size()});
}

template <typename T>
Status Answer(const ServerContext& context, Result<T> result, T* response) {
  if (!result) return ToStatus(result.error(), LanguageOf(context));
  *response = std::move(*result);
  return Status::OK;
}

Status Ended(const ServerContext& context, const Result<void>& result) {
  return result ? Status::OK : ToStatus(result.error(), LanguageOf(context));
}

template <typename Progress>
Operator::Report<Progress> To(ServerContext* context, ServerWriter<Progress>* writer) {
  return [context, writer](const Progress& progress) {
    return !context->IsCancelled() && writer->Write(progress);
  };
}

class Service final : public admin::v1::AdminService::Service {
 public:
  explicit Service(Operator& asked) : asked_(asked) {}

  Status ListViews(ServerContext* context, const admin::v1::ListViewsRequest*,
                   admin::v1::ListViewsResponse* response) override {
    return Answer(*context, asked_.ListViews(), response);
  }
  Status RebuildView(ServerContext* context, const admin::v1::RebuildViewRequest* request,
                     ServerWriter<admin::v1::RebuildViewResponse>* writer) override {
    return Ended(*context, asked_.RebuildView(request->name(), To(context, writer)));
  }
  Status CancelRebuild(ServerContext* context, const admin::v1::CancelRebuildRequest* request,
                       admin::v1::CancelRebuildResponse* response) override {
    return Answer(*context, asked_.CancelRebuild(request->name()), response);
  }
  Status GetLogStatus(ServerContext* context, const admin::v1::GetLogStatusRequest*,
                      admin::v1::GetLogStatusResponse* response) override {
    return Answer(*context, asked_.GetLogStatus(), response);
  }
  Status VerifyLog(ServerContext* context, const admin::v1::VerifyLogRequest*,
                   ServerWriter<admin::v1::VerifyLogResponse>* writer) override {
    return Ended(*context, asked_.VerifyLog(To(context, writer)));
  }
  Status BackupLog(ServerContext* context, const admin::v1::BackupLogRequest* request,
                   ServerWriter<admin::v1::BackupLogResponse>* writer) override {
    return Ended(*context, asked_.BackupLog(request->target_path(), To(context, writer)));
  }
  Status AdvanceClock(ServerContext* context, const admin::v1::AdvanceClockRequest* request,
                      admin::v1::AdvanceClockResponse* response) override {
    return Answer(*context, asked_.AdvanceClock(*request), response);
  }

 private:
  Operator& asked_;
};

class Socket final : public OperatorSocket {
 public:
  explicit Socket(Operator& asked) : service_(asked) {}
  ~Socket() override {
    if (server_ != nullptr) server_->Shutdown(gpr_time_0(GPR_CLOCK_MONOTONIC));
  }

  bool Listen(const std::string& path) {
    grpc::ServerBuilder builder;
    grpc::ResourceQuota quota;
    builder.SetResourceQuota(quota.SetMaxThreads(kThreadsMax));
    builder.AddListeningPort("unix:" + path, grpc::InsecureServerCredentials());
    builder.RegisterService(&service_);
    // Nobody may open it between its making and a chmod.
    const mode_t before = umask(0177);
    server_ = builder.BuildAndStart();
    umask(before);
    return server_ != nullptr && chmod(path.c_str(), 0600) == 0;
  }

 private:
  Service service_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

Result<std::unique_ptr<OperatorSocket>> OperatorSocket::Start(const std::string& path,
                                                              Operator& asked) {
  if (path.size() > kSocketPathMax) {
    return Fail(Code::kInvalidArgument, "LISTEN_FAILED",
                fmt::format("{} is too long for a socket: give a shorter --data", path));
  }
  unlink(path.c_str());  // left by a process that was killed; the folder is locked by now
  auto socket = std::make_unique<Socket>(asked);
  if (!socket->Listen(path)) {
    return Fail(Code::kUnavailable, "LISTEN_FAILED",
                fmt::format("{} cannot be listened at: check that the folder is writable", path));
  }
  return socket;
}

}  // namespace jalon::api
