#include "services/api/stream_in_turns.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "services/api/buffers.h"
#include "services/api/queries/access_note.h"
#include "services/api/status.h"
#include "services/domain/reason.h"

namespace jalon::api {

using domain::Reason;
using domain::Refusals;

std::optional<grpc::Status> ReadStream(const grpc::CallbackServerContext& context,
                                       const grpc::ByteBuffer& body, token::Cache& tokens,
                                       access::AccessLog* access, const StreamSpec& spec,
                                       Call* call, google::protobuf::Message* request) {
  Called called{.who = nullptr, .school_id = {}, .action = spec.action, .resource_id = {}};
  const auto fail = [&](const Error& error) {
    NoteRefusal(access, called, error);
    return ToStatus(error, call->language);
  };
  if (const auto read = ReadCaller(context, tokens, /*open=*/false, call); !read) {
    return fail(read.error());
  }
  called.who = &call->claims->principal;
  if (!spec.Allows(call->claims->principal.role)) {
    return fail({Code::kPermissionDenied,
                 "ROLE_NOT_ALLOWED",
                 fmt::format("{}: the role of the credential may not ask this", spec.path),
                 {}});
  }
  Refusals refusals;
  if (body.Length() > spec.bytes_max) {
    refusals.Add(Reason::TOO_LARGE);
  } else if (!ParseBuffer(body, request)) {
    refusals.Add(Reason::MALFORMED);
  } else {
    spec.plan.Check(*request, "", &refusals, nullptr);
  }
  if (!refusals) return std::nullopt;
  NoteRefusal(access, called, refusals);
  return ToStatus(refusals, call->language);
}

bool HasRoomFor(const Bytes& person_id, size_t most, OpenStreams& streams) {
  const auto open = streams.All();
  const auto own = std::ranges::count_if(open, [&](const std::shared_ptr<OpenStream>& stream) {
    return static_cast<const StreamInTurns&>(*stream).person_id() == person_id;
  });
  return std::cmp_less(own, most);
}

bool StreamInTurns::TokenHolds(const Clock& real_clock) const {
  const auto now = std::chrono::duration_cast<token::Seconds>(real_clock.Wall());
  return now < claims_->expires + token::kSkew;
}

void StreamInTurns::Ring() {
  {
    MutexLock lock(mutex_);
    rung_ = true;
    if (turning_) return;
    turning_ = true;
  }
  run_([this] { Turn(); });
}

void StreamInTurns::End() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
  }
  Ring();
}

void StreamInTurns::OnWriteDone(bool ok) {
  watch_->Ended();
  {
    MutexLock lock(mutex_);
    writing_ = false;
    gone_ = gone_ || !ok;
  }
  Ring();
}

void StreamInTurns::OnCancel() {
  {
    MutexLock lock(mutex_);
    gone_ = true;
  }
  Ring();
}

void StreamInTurns::Turn() {
  Outcome outcome;
  bool writing = false;
  {
    MutexLock lock(mutex_);
    rung_ = false;
    writing = writing_;
    if (gone_) outcome.finish = grpc::Status::CANCELLED;
    if (ending_) outcome.finish = {grpc::StatusCode::UNAVAILABLE, when_ended_};
  }
  if (writing) return EndTurn(false);  // rung again when that is done
  if (!outcome.finish) outcome = Work();
  if (outcome.finish) {
    BeforeFinish();
    return Finish(*outcome.finish);
  }
  if (outcome.write) {
    {
      MutexLock lock(mutex_);
      writing_ = true;
    }
    BeforeWrite();
    watch_->Began();
    StartWrite(&buffer_);
  }
  EndTurn(outcome.again);
}

void StreamInTurns::EndTurn(bool again) {
  {
    MutexLock lock(mutex_);
    if (!again && !rung_) {
      turning_ = false;
      return;
    }
  }
  run_([this] { Turn(); });
}

}  // namespace jalon::api
