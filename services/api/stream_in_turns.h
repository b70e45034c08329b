// A call that is answered with a stream, in turns on an executor: one turn at a time, and one write
// under way at a time, so that a client that is slow holds up nobody and costs one message. One
// that takes nothing for longer than the door's limit is cancelled (write_watch.h). gRPC and
// whoever has news only ring for a turn.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "eventstore/base/clock.h"
#include "eventstore/base/mutex.h"
#include "services/access/access_log.h"
#include "services/api/call.h"
#include "services/api/method_table.h"
#include "services/api/open_streams.h"
#include "services/api/write_watch.h"

namespace jalon::api {

// Ends at once.
class RefusedStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit RefusedStream(const grpc::Status& why) { Finish(why); }
  void OnDone() override { delete this; }
};

// Kept alive by the OpenStreams that it is added to, until gRPC is done with it.
//
// Thread safety: Ring and End from any thread; the virtual functions are called by one at a time.
class StreamInTurns : public grpc::ServerWriteReactor<grpc::ByteBuffer>, public OpenStream {
 public:
  using Run = std::function<bool(std::function<void()> work)>;

  // What a stream needs of its door and its call.
  struct Parts {
    OpenStreams& streams;
    // Must never refuse: one piece of work for each stream that is open waits at most.
    const Run& run;
    std::string when_ended;  // what a client is told when the server ends
    token::ClaimsPtr claims;
    grpc::CallbackServerContext& context;
    std::chrono::milliseconds write_max;  // a client that takes a message later is cancelled
  };
  explicit StreamInTurns(Parts parts)
      : streams_(parts.streams),
        run_(parts.run),
        when_ended_(std::move(parts.when_ended)),
        claims_(std::move(parts.claims)),
        watch_(WriteWatch::Over(parts.context, parts.write_max)) {}
  // Of a stream that gRPC was never given, too.
  ~StreamInTurns() override { watch_->Detach(); }

  const Bytes& person_id() const { return principal().person_id; }

  // There is something to do.
  void Ring() JALON_EXCLUDES(mutex_);
  void End() override JALON_EXCLUDES(mutex_);

  void OnWriteDone(bool ok) override JALON_EXCLUDES(mutex_);
  void OnCancel() override JALON_EXCLUDES(mutex_);
  void OnDone() override {
    watch_->Detach();
    streams_.Remove(this);
  }

 protected:
  const domain::Principal& principal() const { return claims_->principal; }
  // Looked at in each turn: a stream may outlast the token that opened it.
  bool TokenHolds(const Clock& real_clock) const;

  // What a turn comes to; nothing of it: it waits for the next ring.
  struct Outcome {
    std::optional<grpc::Status> finish{};
    bool write = false;  // buffer()
    bool again = false;
  };
  virtual Outcome Work() = 0;
  // Just before a write, which may take its time.
  virtual void BeforeWrite() {}
  // Just before the end: nothing may ring afterwards.
  virtual void BeforeFinish() {}

  grpc::ByteBuffer& buffer() { return buffer_; }

 private:
  // `turning_` stays true from the call of Finish on, so that no turn follows: this may be gone.
  void Turn() JALON_EXCLUDES(mutex_);
  // Ends the turn, or begins another where something rang meanwhile.
  void EndTurn(bool again) JALON_EXCLUDES(mutex_);

  OpenStreams& streams_;
  const Run& run_;
  const std::string when_ended_;
  const token::ClaimsPtr claims_;
  const std::shared_ptr<WriteWatch> watch_;
  grpc::ByteBuffer buffer_;

  Mutex mutex_;
  bool rung_ JALON_GUARDED_BY(mutex_) = false;
  bool turning_ JALON_GUARDED_BY(mutex_) = false;  // a turn is under way or waits
  bool writing_ JALON_GUARDED_BY(mutex_) = false;
  bool gone_ JALON_GUARDED_BY(mutex_) = false;  // the client
  bool ending_ JALON_GUARDED_BY(mutex_) = false;
};

// What comes first in every stream: the caller, the role, the request and its limits. Why it is
// refused, noted in the access log, which may be null; nothing: go on, and all of `call` but its
// deadline is set.
std::optional<grpc::Status> ReadStream(const grpc::CallbackServerContext& context,
                                       const grpc::ByteBuffer& body, token::Cache& tokens,
                                       access::AccessLog* access, const StreamSpec& spec,
                                       Call* call, google::protobuf::Message* request);

// Whether the person has fewer than so many of them open. REQUIRES: each is a StreamInTurns.
bool HasRoomFor(const Bytes& person_id, size_t most, OpenStreams& streams);

}  // namespace jalon::api
