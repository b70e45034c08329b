// Decides the commands of one partition one after the other, appends each accepted one as a record,
// and answers only what it has read back as counted (commit-protocol §3). Takes the partition over
// by a claim first, and again whenever it may have lost it.
//
// Life of a submission: queued → (repeat? joined or answered) → decided on counted + in-flight
// state → encoded, handed to the log → read back, counted → evolved → answered. A refusal is held
// until the state it was decided on is known to be durable. If the process dies: before the
// hand-over nothing happened; after it the record may count (the client repeats the same request id
// and gets the first answer); after counting it is there for ever.
//
// Owns no thread and never waits: the node, or the simulator, calls Step.
//
// Thread safety: Submit from any thread; everything else from the one thread that steps.
// Invariants: nothing is answered before it counts; counted state never contains a void event; one
// (epoch, seq) is encoded once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "eventstore/base/clock.h"
#include "eventstore/base/limits.h"
#include "eventstore/log/classify.h"
#include "eventstore/log/log.h"
#include "eventstore/writer/application.h"
#include "eventstore/writer/state_store.h"

namespace jalon::eventstore {

struct WriterOptions {
  Partition partition;
  std::string node;     // this node's name, in its claims
  std::string address;  // where others reach it; empty on one machine
  // True where one process holds a lock on the log (rocks): a refusal waits only for its mark to be
  // durable. False (memory, kafka): it waits for a record encoded after it, a barrier if need be.
  bool exclusive_log = false;
  size_t cached_row_bytes = 64 * 1024 * 1024;
  // Whether to take the partition over; a hint, see Want.
  bool wanted = true;
  Micros stall = limits::kStall;
  Micros claim_timeout = limits::kClaimTimeout;
  size_t flush_records = limits::kStateFlushRecords;
  Micros flush_interval = limits::kStateFlushInterval;
};

// What others may see of a writer, at the last Step.
struct WriterStatus {
  enum class Phase {
    kReplaying,  // reading what is in the log; submissions wait
    kFollowing,  // warm, another may own the partition; submissions fail NOT_OWNER unless wanted
    kClaiming,   // its claim is on the way; submissions wait
    kServing,    // owns the partition until another's claim counts
    kDiverged,   // stopped: the log lost or changed acknowledged bytes, or cannot be read
    kTooNew,     // stopped: the log was written for a newer level
    kFailed      // stopped: the log or the state store failed
  } phase = Phase::kReplaying;
  ChainHead head;
  Bytes log_incarnation;
  Error error;                                      // why it stopped, if it did
  uint64_t claims = 0;                              // of this writer, counted
  uint64_t void_entries = 0;                        // read
  uint64_t accepted = 0, refused = 0, repeats = 0;  // answered; refused: nothing to do included
  uint64_t gaps = 0, stalls = 0;                    // of its own records: each led to a new claim
  uint64_t barriers = 0, flushes = 0;
};

class Writer {
 public:
  // `random` fills claim nonces and back-off. All references must outlive the writer.
  // What is not answered when it is destroyed is then: OUTCOME_UNKNOWN if its record may be in the
  // log, NOT_SERVING otherwise.
  Writer(WriterOptions options, Log& log, StateStore& store, const Application& application,
         const Clock& clock, std::function<uint64_t()> random);
  ~Writer();

  // Queues a submission. RESOURCE_EXHAUSTED QUEUE_FULL over limits::kQueuedCommandsMax, UNAVAILABLE
  // NOT_SERVING after Drain: then `done` was not and will not be called.
  Result<void> Submit(Submission submission);

  // Is called after Submit found the queue empty, and when the log has more, from any thread: Step
  // has work. Set before the first Submit and the first Step.
  void OnWork(std::function<void()> wake);

  // Does what can be done now; true if more work is ready at once. Otherwise call again at the next
  // wake, or after 50 ms (timers).
  bool Step();

  WriterStatus Status() const;
  // Of it, what is looked at after each Step; and the epoch of the last claim that counted.
  WriterStatus::Phase Phase() const;
  Epoch LastEpoch() const;

  // A hint whether this node should own the partition. True lets it claim; false ends nothing: an
  // owner decides until it reads another's claim.
  void Want(bool wanted);

  // Stops deciding; queued submissions fail UNAVAILABLE NOT_SERVING. In-flight ones are answered by
  // later Steps, OUTCOME_UNKNOWN if the partition cannot be claimed within limits::kDrainClaimMax,
  // and the state is flushed.
  void Drain();
  // Nothing is left to answer or to flush, or the writer has stopped.
  bool Drained() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalon::eventstore
