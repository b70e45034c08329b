// Ends a stream whose client does not read any more: gRPC hands over no more than the client's
// window takes, and a write that waits for it would hold the stream's place, and what it reads, for
// ever.
//
// Thread safety: every call may come from any thread; Began and Ended one after the other.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>

#include <atomic>
#include <chrono>
#include <memory>

#include "eventstore/base/mutex.h"

namespace jalon::api {

class WriteWatch : public std::enable_shared_from_this<WriteWatch> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `context` must stay until Detach.
  static std::shared_ptr<WriteWatch> Over(grpc::CallbackServerContext& context,
                                          std::chrono::milliseconds write_max);

  void Began() { began_ = Now(); }
  void Ended() { began_ = 0; }
  // The call is over. Waits for a cancellation that is under way.
  void Detach() JALON_EXCLUDES(mutex_);

 private:
  WriteWatch(grpc::CallbackServerContext& context, std::chrono::milliseconds write_max)
      : write_max_(write_max), context_(&context) {}

  // Since the clock's beginning; never 0.
  static int64_t Now();
  void Look() JALON_EXCLUDES(mutex_);
  void Arm(std::chrono::nanoseconds after) JALON_REQUIRES(mutex_);

  const std::chrono::nanoseconds write_max_;
  std::atomic<int64_t> began_ = 0;  // of the write under way; 0: none

  Mutex mutex_;
  grpc::CallbackServerContext* context_ JALON_GUARDED_BY(mutex_);  // null: detached
  std::unique_ptr<grpc::Alarm> alarm_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::api
