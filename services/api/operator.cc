#include "services/api/operator.h"

#include <fmt/format.h>
#include <grpcpp/server_builder.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>
#include <utility>

#include "eventstore/base/mutex.h"
#include "jalon/admin/v1/admin_service.grpc.pb.h"
#include "services/api/call_threads.h"
#include "services/api/status.h"
#include "services/api/vault_operator.h"

namespace jalon::api {
namespace {

using grpc::CallbackServerContext;
using grpc::Status;

// A path of a Unix socket is at most this long on Linux.
constexpr size_t kSocketPathMax = 107;

// A call that reports how far it is. Deletes itself when it is over.
template <typename Progress>
class ReportingCall final : public grpc::ServerWriteReactor<Progress> {
 public:
  using Work = std::function<Result<void>(const Operator::Report<Progress>&)>;

  ReportingCall(const CallbackServerContext& context, CallThreads& threads, Work work)
      : language_(CallThreads::LanguageOf(context)) {
    if (!threads.Run([this, work = std::move(work)] { Run(work); }))
      this->Finish(CallThreads::TooMany());
  }

  void OnWriteDone(bool ok) override { Tell(ok); }
  void OnCancel() override { Tell(false); }
  void OnDone() override { delete this; }

 private:
  void Run(const Work& work) {
    const Result<void> result = work([this](const Progress& progress) { return Report(progress); });
    this->Finish(result ? Status::OK : ToStatus(result.error(), language_));
  }

  // False once the client is gone.
  bool Report(const Progress& progress) {
    {
      const MutexLock lock(mutex_);
      if (gone_) return false;
      written_ = false;
    }
    progress_ = progress;
    this->StartWrite(&progress_);
    MutexLock lock(mutex_);
    lock.Wait(changed_, [this]() JALON_REQUIRES(mutex_) { return written_; });
    return !gone_;
  }

  void Tell(bool ok) {
    const MutexLock lock(mutex_);
    written_ = written_ || ok;
    if (!ok) gone_ = written_ = true;
    changed_.notify_all();
  }

  const Language language_;
  Progress progress_;
  Mutex mutex_;
  Condition changed_;
  bool written_ JALON_GUARDED_BY(mutex_) = true;
  bool gone_ JALON_GUARDED_BY(mutex_) = false;
};

class Service final : public admin::v1::AdminService::CallbackService {
 public:
  explicit Service(Operator& asked) : asked_(asked) {}

  grpc::ServerUnaryReactor* ListViews(CallbackServerContext* context,
                                      const admin::v1::ListViewsRequest*,
                                      admin::v1::ListViewsResponse* response) override {
    return Answer(*context, response, [this] { return asked_.ListViews(); });
  }
  grpc::ServerWriteReactor<admin::v1::RebuildViewResponse>* RebuildView(
      CallbackServerContext* context, const admin::v1::RebuildViewRequest* request) override {
    return new ReportingCall<admin::v1::RebuildViewResponse>(
        *context, threads_, [this, name = request->name()](const auto& report) {
          return asked_.RebuildView(name, report);
        });
  }
  grpc::ServerUnaryReactor* CancelRebuild(CallbackServerContext* context,
                                          const admin::v1::CancelRebuildRequest* request,
                                          admin::v1::CancelRebuildResponse* response) override {
    return Answer(*context, response,
                  [this, request] { return asked_.CancelRebuild(request->name()); });
  }
  grpc::ServerUnaryReactor* GetLogStatus(CallbackServerContext* context,
                                         const admin::v1::GetLogStatusRequest*,
                                         admin::v1::GetLogStatusResponse* response) override {
    return Answer(*context, response, [this] { return asked_.GetLogStatus(); });
  }
  grpc::ServerWriteReactor<admin::v1::VerifyLogResponse>* VerifyLog(
      CallbackServerContext* context, const admin::v1::VerifyLogRequest*) override {
    return new ReportingCall<admin::v1::VerifyLogResponse>(
        *context, threads_, [this](const auto& report) { return asked_.VerifyLog(report); });
  }
  grpc::ServerWriteReactor<admin::v1::BackupLogResponse>* BackupLog(
      CallbackServerContext* context, const admin::v1::BackupLogRequest* request) override {
    return new ReportingCall<admin::v1::BackupLogResponse>(
        *context, threads_, [this, target = request->target_path()](const auto& report) {
          return asked_.BackupLog(target, report);
        });
  }
  grpc::ServerUnaryReactor* AdvanceClock(CallbackServerContext* context,
                                         const admin::v1::AdvanceClockRequest* request,
                                         admin::v1::AdvanceClockResponse* response) override {
    return Answer(*context, response, [this, request] { return asked_.AdvanceClock(*request); });
  }

 private:
  template <typename Response, typename Ask>
  grpc::ServerUnaryReactor* Answer(CallbackServerContext& context, Response* response, Ask ask) {
    return threads_.Answer(context, response, std::move(ask));
  }

  Operator& asked_;
  CallThreads threads_;
};

class Socket final : public OperatorSocket {
 public:
  Socket(Operator* asked, VaultOperator* of_keys)
      : service_(asked == nullptr ? nullptr : std::make_unique<Service>(*asked)),
        keys_service_(of_keys == nullptr ? nullptr : MakeVaultAdminService(*of_keys)) {}
  ~Socket() override {
    if (server_ != nullptr) server_->Shutdown(gpr_time_0(GPR_CLOCK_MONOTONIC));
  }

  bool Listen(const std::string& path) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("unix:" + path, grpc::InsecureServerCredentials());
    if (service_ != nullptr) builder.RegisterService(service_.get());
    if (keys_service_ != nullptr) builder.RegisterService(keys_service_.get());
    // Nobody may open it between its making and a chmod.
    const mode_t before = umask(0177);
    server_ = builder.BuildAndStart();
    umask(before);
    return server_ != nullptr && chmod(path.c_str(), 0600) == 0;
  }

 private:
  const std::unique_ptr<Service> service_;
  const std::unique_ptr<grpc::Service> keys_service_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

Result<std::unique_ptr<OperatorSocket>> OperatorSocket::Start(const std::string& path,
                                                              Operator* asked,
                                                              VaultOperator* of_keys) {
  if (path.size() > kSocketPathMax) {
    return Fail(Code::kInvalidArgument, "LISTEN_FAILED",
                fmt::format("{} is too long for a socket: give a shorter --data", path));
  }
  unlink(path.c_str());  // left by a process that was killed; the folder is locked by now
  auto socket = std::make_unique<Socket>(asked, of_keys);
  if (!socket->Listen(path)) {
    return Fail(Code::kUnavailable, "LISTEN_FAILED",
                fmt::format("{} cannot be listened at: check that the folder is writable", path));
  }
  return socket;
}

}  // namespace jalon::api
