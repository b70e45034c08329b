// The faults of a run.
#include <fmt/format.h>

#include "eventstore/log/log_testing.h"
#include "tests/simulation/world.h"

namespace jalon::eventstore::simulation {
namespace {

using Phase = WriterStatus::Phase;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

}  // namespace

void World::PlanFaults() {
  SomeFault();
  if (scenario_ == Scenario::kCut) {
    scheduler_.In(dice_.Time(milliseconds(1500), milliseconds(4000)),
                  [this] { CutAcknowledged(); });
  } else if (scenario_ == Scenario::kLostClaim) {
    scheduler_.In(dice_.Time(milliseconds(1500), milliseconds(3500)), [this] { CutClaim(); });
  }
}

void World::SomeFault() {
  scheduler_.In(dice_.Time(milliseconds(20), milliseconds(500)), [this] {
    if (!faults_on_) return;
    switch (dice_.Between(0, 9)) {
      case 0:
      case 1:
        CrashSomeNode();
        break;
      case 2:
        AnyNode().Pause(dice_.Time(milliseconds(5), milliseconds(1500)));
        break;
      case 3:
        JumpSomeClock();
        break;
      case 4:
        cut_arrivals_ = scenario_ != Scenario::kAlone;
        break;
      case 5:
        AnyNode().store().Persist();
        break;
      case 6:
      case 7:
        ChangeLogFaults();
        break;
      default:  // the hint moves, or two nodes have it
        Hint(static_cast<size_t>(dice_.Between(0, Last())));
        if (dice_.Happens(0.3)) AnyNode().Want(true);
    }
    SomeFault();
  });
}

void World::CrashSomeNode() {
  Node& node = AnyNode();
  if (!node.running()) return;
  node.Crash();
  // Alone it was also the log's process; in a crowd only what the node had on the wire may be lost.
  if (scenario_ == Scenario::kAlone) {
    log_.LosePending(kPartition, 1.0);
  } else if (dice_.Happens(0.5)) {
    log_.LosePending(kPartition, 0.3);
  }
  scheduler_.In(dice_.Time(milliseconds(1), milliseconds(800)), [this, &node] {
    if (node.running()) return;
    node.clock().SetOff(dice_.Time(-milliseconds(1500), milliseconds(1500)));
    Restart(node);
  });
}

void World::JumpSomeClock() {
  Node& node = AnyNode();
  const Micros off = dice_.Happens(0.5) ? dice_.Time(-seconds(60), seconds(60))
                                        : dice_.Time(-milliseconds(2000), milliseconds(2000));
  surroundings_.trace(fmt::format("a clock is off by {} us", off.count()));
  node.clock().SetOff(off);
  scheduler_.In(dice_.Time(milliseconds(10), milliseconds(400)),
                [&node] { node.clock().SetOff(Micros{0}); });
}

void World::ChangeLogFaults() {
  FaultPlan plan;
  plan.delay_min = microseconds(20);
  plan.delay_max = dice_.Happens(0.3) ? milliseconds(900) : milliseconds(4);
  if (scenario_ == Scenario::kAlone) {
    if (dice_.Happens(0.1)) plan.refuse = 0.5;
  } else if (dice_.Happens(0.7)) {
    for (double* fault : {&plan.drop, &plan.duplicate, &plan.reorder, &plan.tear}) {
      if (dice_.Happens(0.5)) *fault = 0.15;
    }
    if (dice_.Happens(0.1)) plan.refuse = 0.3;
  }
  surroundings_.trace(fmt::format("the log drops {}, doubles {}, reorders {}, tears {}", plan.drop,
                                  plan.duplicate, plan.reorder, plan.tear));
  log_.SetPlan(plan);
}

Node* World::Owner() {
  for (const auto& node : nodes_) {
    if (node->running() && node->writer().Status().phase == Phase::kServing) return node.get();
  }
  return nullptr;
}

// Some of what the owner has counted is cut off.
void World::CutAcknowledged() {
  Node* owner = Owner();
  if (owner == nullptr || !faults_on_) return;
  const uint64_t head = owner->writer().Status().head.offset.value;
  const auto entries = static_cast<uint64_t>(dice_.Between(1, 6));
  if (head <= entries) return;
  const auto notice = dice_.Happens(0.5) ? MemoryLog::Notice::kTold : MemoryLog::Notice::kSilent;
  Cut(Offset{head + 1 - entries}, notice);
}

// One node claims and writes while the others stand still; then its claim is cut off and it stands
// still itself, with records on the wire, while another claims the same epoch.
void World::CutClaim() {
  const auto first = static_cast<size_t>(dice_.Between(0, Last()));
  const size_t second = (first + 1) % nodes_.size();
  faults_on_ = false;
  for (const auto& node : nodes_) {
    node->clock().SetOff(Micros{0});
    Restart(*node);
    if (node != nodes_[first]) node->Pause(milliseconds(1500));
  }
  log_.SetPlan({.delay_min = microseconds(20), .delay_max = milliseconds(1)});
  Hint(first);
  scheduler_.In(milliseconds(1000), [this, first, second] {
    const WriterStatus status = nodes_[first]->writer().Status();
    if (status.phase != Phase::kServing) return;
    // What it sends from now on is on its way for long, and overtaken by what others send later.
    log_.SetPlan({.delay_min = milliseconds(100), .delay_max = milliseconds(900)});
    scheduler_.In(milliseconds(300), [this, first, second] {
      const WriterStatus later = nodes_[first]->writer().Status();
      ChainHead head;
      Offset claim{0};
      for (const StoredEntry& entry : testing::ReadAll(log_, kPartition, Offset{0})) {
        const Result<EntryFrame> frame = ReadFrame(*entry.bytes);
        if (Classify(head, entry.offset, *frame, *entry.bytes) != Fate::kCounted) continue;
        if (frame->kind == EntryFrame::Kind::kClaim) claim = entry.offset;
      }
      if (later.phase != Phase::kServing || claim > later.head.offset) return;
      nodes_[first]->Pause(milliseconds(2500));
      Cut(claim, MemoryLog::Notice::kTold);
      log_.SetPlan({.delay_min = microseconds(20), .delay_max = milliseconds(1), .reorder = 1.0});
      nodes_[second]->Resume();
      Hint(second);
    });
  });
}

void World::Cut(Offset from, MemoryLog::Notice notice) {
  ChainHead head;
  for (const StoredEntry& entry : testing::ReadAll(log_, kPartition, Offset{0})) {
    if (entry.offset >= from) break;
    const Result<EntryFrame> frame = ReadFrame(*entry.bytes);
    Classify(head, entry.offset, *frame, *entry.bytes);
  }
  simulation::Cut cut{scheduler_.now(), notice == MemoryLog::Notice::kTold, head.seq.value, {}};
  for (const auto& node : nodes_) {
    if (!node->running()) continue;
    const ChainHead counted = node->writer().Status().head;
    surroundings_.trace(fmt::format("writer {} has counted up to offset {}, epoch {}, seq {}",
                                    node->number(), counted.offset.value, counted.epoch.value,
                                    counted.seq.value));
    if (counted.offset >= from) cut.seen_ahead[node->number()] = counted.seq.value;
  }
  surroundings_.trace(fmt::format("the log is cut to offset {}, seq {}", from.value, cut.last_seq));
  ++report_.counts.cuts_of_acknowledged;
  report_.history.cut = cut;
  log_.Truncate(kPartition, from, notice);
}

}  // namespace jalon::eventstore::simulation
