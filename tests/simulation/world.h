// The inside of a run: nodes, log and clients, and the faults drawn for them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/clients.h"
#include "tests/simulation/node.h"
#include "tests/simulation/simulation.h"

namespace jalon::eventstore::simulation {

class World {
 public:
  explicit World(const RunOptions& options);
  RunReport Run();

 private:
  static constexpr Partition kPartition{0};

  // world.cc
  void RunUntil(Micros end);
  void RunUntilAllKnown(Micros patience);
  void StepLog();
  void Heal();
  void CheckNobodyStopped();
  void CheckWhoWasToldStopped();
  void CheckFinalState();
  void ReadLog();
  Node& AnyNode() { return *nodes_[static_cast<size_t>(dice_.Between(0, Last()))]; }
  int64_t Last() const { return static_cast<int64_t>(nodes_.size()) - 1; }
  void Hint(size_t node);
  void Restart(Node& node);

  // faults.cc
  void PlanFaults();
  void SomeFault();
  void CrashSomeNode();
  void JumpSomeClock();
  void ChangeLogFaults();
  void CutAcknowledged();
  void CutClaim();
  void Cut(Offset from, MemoryLog::Notice notice);
  Node* Owner();

  const Scenario scenario_;
  Dice dice_;
  Scheduler scheduler_;
  RunReport report_;
  NodeClock true_time_;
  MemoryLog log_;
  Surroundings surroundings_;
  std::vector<std::unique_ptr<Node>> nodes_;
  Clients clients_;
  bool faults_on_ = true;
  bool cut_arrivals_ = false;  // what arrives next at the log is lost before anyone reads it
};

}  // namespace jalon::eventstore::simulation
