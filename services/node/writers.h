// One thread that steps the writers of all partitions, and the way into their queues.
//
// A writer is stepped when it has work (a submission, something in the log), and all of them now
// and then for their timers. Nothing runs while nothing happens but that look at the timers.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "eventstore/base/mutex.h"
#include "eventstore/log/genesis.h"
#include "eventstore/log/log.h"
#include "eventstore/writer/writer.h"
#include "services/api/command_sink.h"

namespace jalon::node {

// "serving".
std::string PhaseName(eventstore::WriterStatus::Phase phase);

struct WritersOptions {
  eventstore::Birth birth;
  std::string node;
  std::string address = {};     // where other nodes reach it; empty: there are none
  bool exclusive_log = true;    // nobody else writes: the data folder with the log is locked
  size_t cached_row_bytes = 0;  // for each partition in use
};

// Thread safety: every call may come from any thread; Start once, and not beside Drain.
class Writers final : public api::CommandSink {
 public:
  // What is decided in the partitions of schools, and in the system's where the log has one.
  struct Applications {
    const eventstore::Application& schools;
    const eventstore::Application& system;
  };

  // All references must outlive the writers. `on_phase` is called from the thread that steps,
  // whenever a writer's phase changed.
  Writers(const WritersOptions& options, eventstore::Log& log, eventstore::StateStore& store,
          Applications applications, const Clock& clock,
          std::function<void(Partition, const eventstore::WriterStatus&)> on_phase);
  ~Writers() override;

  void Start();
  // Decides nothing more, answers what is queued and in flight, flushes, and ends the thread. Also
  // where it never started.
  void Drain();

  const Bytes& LogIncarnation() const override { return options_.birth.log_incarnation; }
  Result<void> TakesCommands() override;
  Result<void> Submit(Partition partition, eventstore::Submission submission) override;

  // Those of tenants, and the system's.
  uint32_t Partitions() const { return options_.birth.Partitions(); }
  // A hint which partitions this node should own. Those of an exclusive log are all wanted, always.
  void Want(Partition partition, bool wanted);
  // The epoch of the claim by which this node owns the partition, as far as it knows; none: it does
  // not.
  std::optional<Epoch> Owns(Partition partition) const;

  // Each knows all that was in the log when it started, and goes on: it owns its partition, or
  // where other nodes are, it may.
  bool AllReady() const { return ready_count_.load() == writers_.size(); }
  // Asks the thread that steps; waits for it.
  std::vector<eventstore::WriterStatus> Status();

 private:
  void Wake(size_t index);
  // The first step of each: it opens its partition, and on a shared log waits for brokers to
  // answer.
  void Open(const std::stop_token& stop);
  void Run(const std::stop_token& stop);
  // Brings every writer to its end.
  void RunDown();
  // True if more is to be done at once. Ends after the writer it is at once `stop` asks for that:
  // each may wait for a log that is away.
  bool StepReady(const std::stop_token& stop);
  void Look(size_t index);
  bool IsReady(eventstore::WriterStatus::Phase phase) const;
  void Tell();
  void TimersTurn();
  void WaitForWork(const std::stop_token& stop);
  bool Drained() const;

  const WritersOptions options_;
  eventstore::Log& log_;
  const Clock& clock_;
  const std::function<void(Partition, const eventstore::WriterStatus&)> on_phase_;
  std::vector<std::atomic<bool>> ready_;  // by partition: has work
  std::atomic<bool> awake_ = true;        // the thread looks at ready_ again before it waits
  std::atomic<bool> draining_ = false;
  std::atomic<size_t> ready_count_ = 0;
  std::vector<std::atomic<bool>> wanted_;                // by partition
  std::vector<std::atomic<uint64_t>> owns_;              // by partition: an epoch; 0: not owned
  std::vector<eventstore::WriterStatus::Phase> phases_;  // the thread's own
  Micros timers_at_{};                                   // the thread's own
  bool worked_ = true;                                   // since the timers' last turn

  Mutex mutex_;
  Condition wake_;
  Condition told_;
  bool asked_ JALON_GUARDED_BY(mutex_) = false;
  bool ended_ JALON_GUARDED_BY(mutex_) = false;
  std::vector<eventstore::WriterStatus> status_ JALON_GUARDED_BY(mutex_);
  // The log may wake a writer until it is gone, which uses everything above.
  std::vector<std::unique_ptr<eventstore::Writer>> writers_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace jalon::node
