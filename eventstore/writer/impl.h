// The writer's inside: one Step reads, takes over or decides, flushes, answers.
//
//     impl.cc        the life cycle: start, phases, timers, flush, drain, stop
//     reading.cc     what an entry read from the log means to this writer
//     deciding.cc    from a submission to a record handed over
//     ownership.cc   taking over, losing to another, and what becomes of what was undecided
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <vector>

#include "eventstore/writer/answers.h"
#include "eventstore/writer/clock_guard.h"
#include "eventstore/writer/overlay.h"
#include "eventstore/writer/partition_state.h"
#include "eventstore/writer/queue.h"
#include "eventstore/writer/takeover.h"
#include "eventstore/writer/writer.h"

namespace jalon::eventstore {

// Thread safety: Submit from any thread; everything else from the one thread that steps.
class Writer::Impl {
 public:
  Impl(WriterOptions options, Log& log, StateStore& store, const Application& application,
       const Clock& clock, std::function<uint64_t()> random);
  ~Impl();

  Result<void> Submit(Submission submission) { return queue_.Push(std::move(submission)); }
  void OnWork(std::function<void()> wake);
  bool Step();
  WriterStatus Status() const;
  void Want(bool wanted) { wanted_ = wanted; }
  WriterStatus::Phase phase() const { return status_.phase; }
  Epoch epoch() const { return state_.head().epoch; }
  void Drain();
  bool Drained() const;

 private:
  using Phase = WriterStatus::Phase;

  // impl.cc
  bool stopped() const;
  void Start();
  void Advance(Micros now);
  void ServeQueue(Micros now);
  void FlushIfDue(Micros now);
  void Stop(Error error);
  void FailBacklog(const Error& error);
  void FailUnresolved(const std::string& cause);

  // reading.cc
  bool Read();
  void OnEntry(const StoredEntry& entry);
  void OnCounted(const StoredEntry& entry, const EntryFrame& frame);
  void OnCountedOwn();
  void OnVoid(const EntryFrame& frame);
  bool IsOwn(const StoredEntry& entry, const EntryFrame& frame) const;

  // deciding.cc
  struct Batch {
    Micros recorded_at{};
    Micros handed_over_at{};  // monotonic
    std::vector<Blob> encoded;
    size_t bytes = 0;
  };
  void Decide(Micros now);
  void DecideOne(Submission submission, Batch* batch);
  bool AnswerRepeat(Submission& submission);
  void Accept(Submission submission, Accepted accepted, Batch* batch);
  void PushRecord(InFlightRecord record, Batch* batch);
  void PushBarrier(Batch* batch);
  void FillEnvelope(Micros recorded_at);
  void HandOver(Batch batch);
  void ReleaseHeld();

  // ownership.cc
  void Claim();
  void OnClaim(const EntryFrame& frame);
  void Own();
  void Lose(const EntryFrame& claim);
  void AnswerCounted();
  void AnswerTooEarly(const Blob* delivered);  // seeded bugs only

  const WriterOptions options_;
  Log& log_;
  const Application& application_;
  const Clock& clock_;

  SubmissionQueue queue_;
  PartitionState state_;
  Overlay overlay_;
  Takeover takeover_;
  ClockGuard guard_;
  Answers answers_;

  WriterStatus status_;
  bool wanted_;
  bool draining_ = false;
  bool gap_ = false;
  bool poll_failed_ = false;
  Micros claim_after_ = Micros::min();  // monotonic: the end of a back-off; max: to be drawn
  Micros flush_at_ = Micros::max();     // monotonic: set while anything is unflushed
  Micros give_up_at_ = Micros::max();   // monotonic: a claim is not waited for beyond it
  Offset replay_to_;                    // the end of the log at the start
  Offset read_to_;                      // the next offset to read
  Error not_owner_;                     // names who claimed last

  std::deque<Submission> backlog_;      // to decide, in order
  std::vector<Submission> unresolved_;  // were in flight; the next claim tells what became of them
  log::v1::Record scratch_;             // keeps its buffers from one record to the next

  std::function<void()> wake_;
  std::atomic<bool> log_ready_ = true;
  std::unique_ptr<Follower> follower_;  // last: its wake touches what stands above
};

}  // namespace jalon::eventstore
