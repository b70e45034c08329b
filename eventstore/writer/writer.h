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
};

// What others may see of a writer, at the last Step.
struct WriterStatus {
  enum class Phase {
    kReplaying,
    kClaiming,
    kServing,
    kDiverged,
    kTooNew
  } phase = Phase::kReplaying;
  ChainHead head;
  Bytes log_incarnation;
  Error error;  // why it stopped, if it did
  uint64_t claims = 0, void_entries = 0, accepted = 0, refused = 0, repeats = 0;
};

class Writer {
 public:
  // `random` fills claim nonces and back-off. All references must outlive the writer.
  Writer(WriterOptions options, Log& log, StateStore& store, const Application& application,
         const Clock& clock, std::function<uint64_t()> random);
  ~Writer();

  // Queues a submission. RESOURCE_EXHAUSTED QUEUE_FULL over limits::kQueuedCommandsMax: then `done`
  // was not and will not be called.
  Result<void> Submit(Submission submission);

  // Is called after Submit found the queue empty, and when the log has more: Step has work. Set
  // before the first Submit.
  void OnWork(std::function<void()> wake);

  // Does what can be done now; true if more work is ready at once. Otherwise call again at the next
  // wake, or after 50 ms (timers).
  bool Step();

  WriterStatus Status() const;

  // Stops deciding; queued submissions fail UNAVAILABLE. In-flight ones are answered by later
  // Steps.
  void Drain();
  bool Drained() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalon::eventstore
