#include "tests/simulation/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "eventstore/log/classify.h"
#include "eventstore/log/log_testing.h"
#include "tests/simulation/checker.h"

namespace jalon::eventstore::simulation {
namespace {

using Phase = WriterStatus::Phase;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Micros kTrouble = seconds(5);
constexpr Micros kPatience = seconds(60);

const char* NameOf(Fate fate) {
  switch (fate) {
    case Fate::kCounted:
      return "counts";
    case Fate::kVoid:
      return "is void";
    case Fate::kDiverged:
      return "diverges";
    case Fate::kTooNew:
      break;
  }
  return "is too new";
}

bool IsStopped(Phase phase) {
  return phase == Phase::kDiverged || phase == Phase::kTooNew || phase == Phase::kFailed;
}

WriterOptions OptionsOf(size_t node, Scenario scenario, Dice& dice) {
  WriterOptions options;
  options.node = fmt::format("node-{}", node);
  options.address = fmt::format("node-{}.example:7000", node);
  options.exclusive_log = scenario == Scenario::kAlone;
  options.wanted = node == 0;
  options.stall = milliseconds(700);
  options.claim_timeout = milliseconds(200);
  options.flush_records = static_cast<size_t>(dice.Between(3, 40));
  options.flush_interval = milliseconds(400);
  if (dice.Happens(0.5)) options.cached_row_bytes = 1200;  // a few rows
  return options;
}

}  // namespace

// Of ten seeds, six in a crowd, two alone, one with a cut, one with a claim cut off.
Scenario ScenarioOf(uint64_t seed) {
  switch (seed % 10) {
    case 3:
    case 7:
      return Scenario::kAlone;
    case 8:
      return Scenario::kCut;
    case 9:
      return Scenario::kLostClaim;
    default:
      return Scenario::kMany;
  }
}

World::World(const RunOptions& options)
    : scenario_(ScenarioOf(options.seed)),
      dice_(options.seed),
      true_time_(scheduler_),
      log_(testing::TestBirth(), {.delay_min = microseconds(50), .delay_max = milliseconds(3)},
           true_time_, [this] { return dice_(); }),
      surroundings_{scheduler_, dice_, log_, report_.counts,
                    [this, trace = options.trace](const std::string& words) {
                      if (!trace) return;
                      fmt::print(stderr, "{:>9} us  {}\n", scheduler_.now().count(), words);
                    }},
      clients_(surroundings_, nodes_, report_.history) {
  const size_t count = scenario_ == Scenario::kAlone ? 1 : 3;
  for (size_t i = 0; i < count; ++i) {
    nodes_.push_back(std::make_unique<Node>(surroundings_, OptionsOf(i, scenario_, dice_)));
  }
}

RunReport World::Run() {
  for (const auto& node : nodes_) node->Start();
  clients_.Start(static_cast<int>(dice_.Between(2, 6)));
  PlanFaults();
  RunUntil(kTrouble);
  Heal();
  clients_.Finish();
  RunUntilAllKnown(kPatience);
  if (report_.history.cut) {
    CheckWhoWasToldStopped();
  } else {
    CheckNobodyStopped();
    CheckFinalState();
  }
  ReadLog();
  report_.violations = Check(report_.history);
  for (const auto& node : nodes_) {
    if (node->running()) node->Leave();
  }
  const FaultCounts faults = log_.Counts();
  RunCounts& counts = report_.counts;
  counts.dropped = faults.dropped + faults.lost;
  counts.duplicated = faults.duplicated;
  counts.reordered = faults.reordered;
  counts.torn = faults.torn;
  counts.truncated = faults.truncated;
  counts.operations = report_.history.operations.size();
  counts.attempts = report_.history.attempts.size();
  return std::move(report_);
}

void World::RunUntil(Micros end) {
  while (true) {
    const Micros next = scheduler_.next();
    const std::optional<Micros> due = log_.NextDue();
    if (std::min(next, due.value_or(next)) > end) return scheduler_.AdvanceTo(end);
    if (due && *due <= next) {
      scheduler_.AdvanceTo(*due);
      StepLog();
    } else {
      scheduler_.RunNext();
    }
  }
}

void World::StepLog() {
  const Offset before = log_.Head(kPartition).value();
  log_.Step();
  if (cut_arrivals_ && log_.Head(kPartition).value() > before) {
    surroundings_.trace(fmt::format("the log loses what arrived at {}", before.value));
    log_.Truncate(kPartition, before, MemoryLog::Notice::kTold);
    cut_arrivals_ = false;
  }
}

void World::RunUntilAllKnown(Micros patience) {
  const Micros end = scheduler_.now() + patience;
  while (scheduler_.now() < end && !clients_.AllKnown()) {
    RunUntil(scheduler_.now() + milliseconds(500));
    if (!report_.history.cut) continue;
    // Whoever the cut stopped stays so: another takes over, if there is one.
    const auto going = std::ranges::find_if(
        nodes_, [](const auto& node) { return !IsStopped(node->writer().Status().phase); });
    if (going == nodes_.end()) return;
    Hint(static_cast<size_t>(going - nodes_.begin()));
  }
  if (!clients_.AllKnown() && !report_.history.cut) {
    report_.symptoms.push_back("liveness: operations without an answer long after the faults");
  }
}

// Ends every fault: the same nodes, all running, on a log that does as it is told.
void World::Heal() {
  surroundings_.trace("all faults end");
  faults_on_ = false;
  cut_arrivals_ = false;
  log_.SetPlan({.delay_min = microseconds(50), .delay_max = milliseconds(1)});
  for (const auto& node : nodes_) {
    node->clock().SetOff(Micros{0});
    Restart(*node);
    node->Resume();
  }
  Hint(static_cast<size_t>(dice_.Between(0, Last())));
}

void World::Hint(size_t wanted) {
  for (size_t i = 0; i < nodes_.size(); ++i) nodes_[i]->Want(i == wanted);
}

// A node that was not told of a cut may have stored what it counted since, so that its next process
// starts from there.
void World::Restart(Node& node) {
  if (node.running()) return;
  const uint64_t before = node.number();
  node.Start();
  if (!report_.history.cut || report_.history.cut->told) return;
  auto& seen_ahead = report_.history.cut->seen_ahead;
  if (seen_ahead.contains(before)) seen_ahead[node.number()] = seen_ahead[before];
}

void World::CheckNobodyStopped() {
  for (const auto& node : nodes_) {
    const WriterStatus status = node->writer().Status();
    if (!IsStopped(status.phase)) continue;
    report_.symptoms.push_back(fmt::format("4: writer {} stopped without a cause: {}",
                                           node->number(), status.error.message));
  }
}

// A cut that a reader ahead of it is told of stops it, loudly.
void World::CheckWhoWasToldStopped() {
  if (!report_.history.cut->told) return;
  RunUntil(scheduler_.now() + seconds(1));
  for (const auto& node : nodes_) {
    if (!report_.history.cut->seen_ahead.contains(node->number())) continue;
    if (node->writer().Status().phase != Phase::kDiverged) {
      report_.symptoms.push_back(
          fmt::format("12: writer {} was told that the log was cut, and goes on", node->number()));
    }
  }
}

// What each node stores is what a fresh node folds from the log.
void World::CheckFinalState() {
  for (const auto& node : nodes_) node->writer().Drain();
  RunUntil(scheduler_.now() + seconds(2));
  Node fresh(surroundings_, OptionsOf(9, scenario_, dice_));
  fresh.Want(false);
  fresh.Start();
  RunUntil(scheduler_.now() + seconds(1));
  fresh.writer().Drain();
  RunUntil(scheduler_.now() + seconds(1));
  const auto rows = [](Node& node) {
    return node.store().Scan(kPartition, "a", "z", SIZE_MAX).value();
  };
  for (const auto& node : nodes_) {
    if (!node->writer().Drained()) {
      report_.symptoms.push_back("liveness: a writer does not drain");
    } else if (rows(*node) != rows(fresh)) {
      report_.symptoms.push_back(
          fmt::format("7: the rows of writer {} are not what the log folds to", node->number()));
    }
  }
  fresh.Leave();
  RunUntil(scheduler_.now() + seconds(1));  // nothing planned refers to it any more
}

// As a fresh reader counts it.
void World::ReadLog() {
  ChainHead head;
  for (const StoredEntry& entry : testing::ReadAll(log_, kPartition, Offset{0})) {
    const Result<EntryFrame> frame = ReadFrame(*entry.bytes);
    const Fate fate = frame ? Classify(head, entry.offset, *frame, *entry.bytes) : Fate::kDiverged;
    surroundings_.trace(
        fmt::format("offset {}: {} epoch {} seq {} {}", entry.offset.value,
                    frame && frame->kind == EntryFrame::Kind::kClaim ? "claim" : "record",
                    frame ? frame->epoch.value : 0, frame ? frame->seq.value : 0, NameOf(fate)));
    if (fate == Fate::kDiverged) {
      if (!report_.history.cut) report_.symptoms.push_back("4: the log diverges");
      return;
    }
    if (fate != Fate::kCounted || frame->kind != EntryFrame::Kind::kRecord) continue;
    log::v1::Record stored;
    stored.ParseFromArray(frame->body.data(), static_cast<int>(frame->body.size()));
    Record& record = report_.history.log.emplace_back();
    record.seq = stored.seq();
    record.recorded_at = stored.recorded_at();
    record.request_id = stored.request_id();
    record.reply = stored.reply();
    for (const std::string& bytes : stored.events()) {
      log::v1::Event event;
      event.ParseFromString(bytes);
      record.changes.push_back({event.aggregate(), std::stoll(event.payload()), event.version()});
    }
  }
}

RunReport Simulate(const RunOptions& options) { return World(options).Run(); }

}  // namespace jalon::eventstore::simulation
