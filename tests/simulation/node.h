// One process that holds a writer of the partition: it can be killed, paused and started again, and
// its clock can be set.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "eventstore/log/memory/memory_log.h"
#include "eventstore/state/memory_state_store.h"
#include "eventstore/writer/counter_testing.h"
#include "eventstore/writer/writer.h"
#include "tests/simulation/scheduler.h"

namespace jalon::eventstore::simulation {

// What the writers of a run did, and what was done to them.
struct RunCounts {
  uint64_t claims = 0, void_entries = 0, gaps = 0, stalls = 0, repeats = 0, barriers = 0;
  uint64_t accepted = 0, refused = 0, flushes = 0;
  uint64_t crashes = 0, pauses = 0, clock_suspect = 0, not_owner = 0, unknown = 0, diverged = 0;
  uint64_t operations = 0, attempts = 0, lost_messages = 0;
  uint64_t dropped = 0, duplicated = 0, reordered = 0, torn = 0, truncated = 0, disk_full = 0;
  uint64_t rows_lost = 0;  // writes of the state store that a crash lost
  uint64_t cuts_of_acknowledged = 0;

  void Add(const RunCounts& other);
};

// What all nodes of a run share.
struct Surroundings {
  Scheduler& scheduler;
  Dice& dice;
  MemoryLog& log;
  RunCounts& counts;
  std::function<void(std::string)> trace;
  uint64_t writers = 0;  // started so far: each has a number
};

class Node {
 public:
  using Done = std::function<void(uint64_t writer, Outcome)>;

  Node(Surroundings& world, WriterOptions options);
  ~Node();

  void Start();
  // The process dies: nothing more is answered, and the newest writes of its state may be lost.
  void Crash();
  // The process ends in good order; the run is over for it.
  void Leave();
  void Pause(Micros time);
  void Resume();
  void Want(bool wanted);
  NodeClock& clock() { return clock_; }
  MemoryStateStore& store() { return store_; }

  bool running() const { return writer_ != nullptr; }
  bool paused() const { return world_.scheduler.now() < paused_until_; }
  // The writer; its number. REQUIRES: running.
  Writer& writer() { return *writer_; }
  uint64_t number() const { return number_; }

  // Hands a submission over; `done` is not called if the process dies first.
  void Submit(Submission submission, Done done);

  // Steps it soon.
  void Wake();

 private:
  void Step();
  void Timer(uint64_t number);
  void CountUp();

  Surroundings& world_;
  const testing::CounterApplication application_;
  WriterOptions options_;
  NodeClock clock_;
  MemoryStateStore store_;
  std::unique_ptr<Writer> writer_;
  uint64_t number_ = 0;
  bool dying_ = false;
  bool step_planned_ = false;
  Micros paused_until_{0};
};

}  // namespace jalon::eventstore::simulation
