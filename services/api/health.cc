#include "services/api/health.h"

#include <fmt/format.h>
#include <grpcpp/support/server_callback.h>

#include <map>
#include <utility>

#include "eventstore/base/mutex.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "services/api/open_streams.h"

namespace jalon::api {
namespace {

using grpc::CallbackServerContext;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using ServingStatus = HealthCheckResponse::ServingStatus;

class Watcher;

class HealthService final : public Health, private grpc::health::v1::Health::CallbackService {
 public:
  grpc::Service& service() override { return *this; }
  void Set(const std::string& name, bool serving) override;
  void EndWatchers() override;

  ServingStatus StatusOf(const std::string& name) {
    MutexLock lock(mutex_);
    const auto found = statuses_.find(name);
    return found == statuses_.end() ? HealthCheckResponse::SERVICE_UNKNOWN : found->second;
  }
  void Forget(Watcher& watcher);

 private:
  grpc::ServerUnaryReactor* Check(CallbackServerContext* context, const HealthCheckRequest* request,
                                  HealthCheckResponse* response) override;
  grpc::ServerWriteReactor<HealthCheckResponse>* Watch(CallbackServerContext* context,
                                                       const HealthCheckRequest* request) override;

  Mutex mutex_;
  std::map<std::string, ServingStatus> statuses_ JALON_GUARDED_BY(mutex_);
  OpenStreams watchers_{kHealthWatchersMax};
};

grpc::Status TooLong() {
  return {grpc::StatusCode::INVALID_ARGUMENT,
          fmt::format("a name has at most {} bytes: ask for a service of this server",
                      kHealthNameBytesMax)};
}

// The call of a watcher that is not let in.
class RefusedWatcher final : public grpc::ServerWriteReactor<HealthCheckResponse> {
 public:
  explicit RefusedWatcher(const grpc::Status& why) { Finish(why); }
  void OnDone() override { delete this; }
};

// One watcher's call: a write, or its end, at a time. gRPC may call back from within either, so no
// lock is held over them.
class Watcher final : public grpc::ServerWriteReactor<HealthCheckResponse>, public OpenStream {
 public:
  Watcher(HealthService& health, std::string name) : health_(health), name_(std::move(name)) {}

  // The status may be another one by now.
  void Look() { Go(); }
  void End() override {
    {
      MutexLock lock(mutex_);
      ending_ = true;
    }
    Go();
  }

  void OnWriteDone(bool ok) override {
    {
      MutexLock lock(mutex_);
      busy_ = false;
      gone_ |= !ok;
    }
    Go();
  }
  void OnCancel() override {
    {
      MutexLock lock(mutex_);
      gone_ = true;
    }
    Go();
  }
  void OnDone() override { health_.Forget(*this); }

 private:
  enum class Next { kNothing, kWrite, kFinish };

  Next Decide() {
    MutexLock lock(mutex_);
    if (busy_) return Next::kNothing;
    const ServingStatus status =
        health_.StatusOf(name_);  // here, so that the last one is told last
    if (!gone_ && (!told_ || response_.status() != status)) {
      told_ = busy_ = true;
      response_.set_status(status);
      return Next::kWrite;
    }
    busy_ = gone_ || ending_;  // for ever
    return busy_ ? Next::kFinish : Next::kNothing;
  }
  void Go() {
    switch (Decide()) {
      case Next::kNothing:
        return;
      case Next::kWrite:
        return StartWrite(&response_);
      case Next::kFinish:
        return Finish({grpc::StatusCode::UNAVAILABLE, "the server ends: watch it anew later"});
    }
  }

  HealthService& health_;
  const std::string name_;
  HealthCheckResponse response_;
  Mutex mutex_;
  bool busy_ JALON_GUARDED_BY(mutex_) = false;  // a write is under way, or it was finished
  bool told_ JALON_GUARDED_BY(mutex_) = false;
  bool gone_ JALON_GUARDED_BY(mutex_) = false;  // the client
  bool ending_ JALON_GUARDED_BY(mutex_) = false;
};

void HealthService::Set(const std::string& name, bool serving) {
  {
    MutexLock lock(mutex_);
    statuses_[name] = serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
  }
  for (const auto& watcher : watchers_.All()) static_cast<Watcher&>(*watcher).Look();
}

void HealthService::EndWatchers() { watchers_.EndAll(); }

void HealthService::Forget(Watcher& watcher) { watchers_.Remove(&watcher); }

grpc::ServerUnaryReactor* HealthService::Check(CallbackServerContext* context,
                                               const HealthCheckRequest* request,
                                               HealthCheckResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  if (request->service().size() > kHealthNameBytesMax) {
    reactor->Finish(TooLong());
    return reactor;
  }
  const ServingStatus status = StatusOf(request->service());
  response->set_status(status);
  reactor->Finish(status == HealthCheckResponse::SERVICE_UNKNOWN
                      ? grpc::Status(grpc::StatusCode::NOT_FOUND, "no service of that name")
                      : grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<HealthCheckResponse>* HealthService::Watch(
    CallbackServerContext*, const HealthCheckRequest* request) {
  if (request->service().size() > kHealthNameBytesMax) return new RefusedWatcher(TooLong());
  const auto watcher = std::make_shared<Watcher>(*this, request->service());
  if (!watchers_.Add(watcher)) {
    return new RefusedWatcher(
        {grpc::StatusCode::RESOURCE_EXHAUSTED, "too many watch: try again later, or use Check"});
  }
  watcher->Look();
  return watcher.get();
}

}  // namespace

std::unique_ptr<Health> Health::Make() { return std::make_unique<HealthService>(); }

}  // namespace jalon::api
