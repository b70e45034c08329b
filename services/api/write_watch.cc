#include "services/api/write_watch.h"

#include <grpc/support/time.h>

namespace jalon::api {

int64_t WriteWatch::Now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

std::shared_ptr<WriteWatch> WriteWatch::Over(grpc::CallbackServerContext& context,
                                             std::chrono::milliseconds write_max) {
  std::shared_ptr<WriteWatch> watch(new WriteWatch(context, write_max));
  MutexLock lock(watch->mutex_);
  watch->Arm(watch->write_max_);
  return watch;
}

// One alarm a stream, not one a write: it looks, and is set anew for when it must look next.
void WriteWatch::Arm(std::chrono::nanoseconds after) {
  alarm_ = std::make_unique<grpc::Alarm>();  // the one before has rung
  const gpr_timespec at =
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_nanos(after.count(), GPR_TIMESPAN));
  alarm_->Set(at, [self = shared_from_this()](bool rang) {
    if (rang) self->Look();
  });
}

void WriteWatch::Look() {
  MutexLock lock(mutex_);
  if (context_ == nullptr) return;
  const int64_t began = began_;
  const std::chrono::nanoseconds waits(began == 0 ? 0 : Now() - began);
  // From here OnWriteDone and OnCancel are called, which take no lock of this.
  if (waits >= write_max_) return context_->TryCancel();
  Arm(write_max_ - waits);
}

void WriteWatch::Detach() {
  MutexLock lock(mutex_);
  context_ = nullptr;
  alarm_.reset();
}

}  // namespace jalon::api
