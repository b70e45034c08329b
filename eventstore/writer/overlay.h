// What the writer has decided but does not know to count: records in flight, in order, and the
// refusals that were decided on top of them.
//
// Thread safety: one thread at a time.
// Invariants: the records' sequence numbers are contiguous and follow the counted head; a refusal's
// mark is the last number encoded when it was decided.
#pragma once

#include <deque>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/hash.h"
#include "eventstore/log/log.h"
#include "eventstore/writer/answers.h"
#include "eventstore/writer/application.h"
#include "eventstore/writer/dedupe.h"
#include "eventstore/writer/partition_state.h"
#include "eventstore/writer/rows.h"

namespace jalon::eventstore {

struct InFlightRecord {
  Seq seq;
  Micros recorded_at{};
  Micros handed_over_at{};  // monotonic
  Blob bytes;
  Hash hash{};                      // of `bytes`: the chain value after it
  RowVersions versions;             // the rows as it leaves them
  Dedupe::Node* request = nullptr;  // null: a barrier
  Submission submission;            // of which it is; none in a barrier
  std::vector<Submission> joined;   // repeats of the same request
};

struct HeldAnswer {
  Seq mark;
  Submission submission;
  Outcome outcome;
};

class Overlay {
 public:
  explicit Overlay(PartitionState& state) : state_(state) {}

  // Starts over behind the counted head. REQUIRES: it is empty.
  void Reset();

  // The end of the chain with all records in flight.
  Seq seq() const { return seq_; }
  const Hash& hash() const { return hash_; }
  Micros recorded_at() const { return recorded_at_; }

  const std::deque<InFlightRecord>& records() const { return records_; }
  InFlightRecord& Find(Seq seq);

  // REQUIRES: its seq is the next one.
  void Push(InFlightRecord record);
  // The oldest record counted: folds it into the counted state and returns it.
  InFlightRecord Count();
  // Submissions that are undecided again, each list in the order in which they came.
  struct Dropped {
    std::vector<Submission> in_flight;  // of records
    std::vector<Submission> held;
  };
  // Takes the newest `count` records back, which the log was never handed, and what was held on top
  // of them.
  Dropped Retract(size_t count);
  // Forgets everything.
  Dropped Drop();

  void Hold(Submission submission, Outcome outcome);
  bool holds() const { return !held_.empty(); }
  // A held answer was decided after everything encoded so far.
  bool HoldsAtEnd() const { return holds() && held_.back().mark == seq_; }
  // Releases the answers whose mark is below, or at, `seq`.
  void Release(Seq below, Answers* answers);
  void ReleaseUpTo(Seq mark, Answers* answers) { Release(mark.Next(), answers); }

 private:
  PartitionState& state_;
  Seq seq_;
  Hash hash_{};
  Micros recorded_at_{};
  std::deque<InFlightRecord> records_;
  std::deque<HeldAnswer> held_;
};

}  // namespace jalon::eventstore
