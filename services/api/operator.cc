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
#include "services/api/language.h"
#include "services/api/status.h"

namespace jalon::api {
namespace {

using grpc::CallbackServerContext;
using grpc::Status;

// Operators' calls at once.
constexpr size_t kCallsMax = 8;
// A path of a Unix socket is at most this long on Linux.
constexpr size_t kSocketPathMax = 107;

Language LanguageOf(const CallbackServerContext& context) {
  const auto found = context.client_metadata().find("accept-language");
  if (found == context.client_metadata().end()) return Language::kEnglish;
  return api::LanguageOf({found->second.data(), found->second.size()});
}

// The threads that calls run on: what an operator asks may take minutes, and gRPC's own threads are
// those that answer everybody else. (Its synchronous API brings threads of its own, but they take
// part in the polling of every server in the process, and each command would pass through them.)
//
// Thread safety: Run from any thread.
class CallThreads {
 public:
  // False if too many run.
  bool Run(std::function<void()> work) {
    const MutexLock lock(mutex_);
    for (Slot& slot : slots_) {
      if (slot.busy.exchange(true)) continue;
      // The one before is at its end already: this waits for a moment at most.
      slot.thread = std::jthread([&slot, work = std::move(work)] {
        work();
        slot.busy = false;
      });
      return true;
    }
    return false;
  }

 private:
  struct Slot {
    std::atomic<bool> busy = false;
    std::jthread thread;
  };

  Mutex mutex_;
  std::array<Slot, kCallsMax> slots_;
};

Status TooMany() {
  return {grpc::StatusCode::RESOURCE_EXHAUSTED, "too many operators ask at once: try again later"};
}

// A call that reports how far it is. Deletes itself when it is over.
template <typename Progress>
class ReportingCall final : public grpc::ServerWriteReactor<Progress> {
 public:
  using Work = std::function<Result<void>(const Operator::Report<Progress>&)>;

  ReportingCall(const CallbackServerContext& context, CallThreads& threads, Work work)
      : language_(LanguageOf(context)) {
    if (!threads.Run([this, work = std::move(work)] { Run(work); })) this->Finish(TooMany());
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
  // `ask` gives a Result of the response; request and response live until the reactor is finished.
  template <typename Response, typename Ask>
  grpc::ServerUnaryReactor* Answer(CallbackServerContext& context, Response* response, Ask ask) {
    grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
    const bool runs = threads_.Run([reactor, response, ask, language = LanguageOf(context)] {
      auto result = ask();
      if (!result) return reactor->Finish(ToStatus(result.error(), language));
      *response = std::move(*result);
      reactor->Finish(Status::OK);
    });
    if (!runs) reactor->Finish(TooMany());
    return reactor;
  }

  Operator& asked_;
  CallThreads threads_;
};

class Socket final : public OperatorSocket {
 public:
  explicit Socket(Operator& asked) : service_(asked) {}
  ~Socket() override {
    if (server_ != nullptr) server_->Shutdown(gpr_time_0(GPR_CLOCK_MONOTONIC));
  }

  bool Listen(const std::string& path) {
    grpc::ServerBuilder builder;
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
