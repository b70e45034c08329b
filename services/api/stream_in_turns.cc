#include "services/api/stream_in_turns.h"

namespace jalon::api {

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
