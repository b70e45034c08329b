#include "tests/simulation/node.h"

#include <fmt/format.h>

#include <utility>

namespace jalon::eventstore::simulation {

using std::chrono::microseconds;
using std::chrono::milliseconds;

void RunCounts::Add(const RunCounts& other) {
  static_assert(sizeof(RunCounts) % sizeof(uint64_t) == 0);
  auto* to = reinterpret_cast<uint64_t*>(this);
  const auto* from = reinterpret_cast<const uint64_t*>(&other);
  for (size_t i = 0; i < sizeof(RunCounts) / sizeof(uint64_t); ++i) to[i] += from[i];
}

Node::Node(Surroundings& world, WriterOptions options)
    : world_(world), options_(std::move(options)), clock_(world.scheduler) {}

Node::~Node() { dying_ = true; }

void Node::Start() {
  number_ = ++world_.writers;
  writer_ = std::make_unique<Writer>(options_, world_.log, store_, application_, clock_,
                                     [this] { return world_.dice(); });
  writer_->OnWork([this] { Wake(); });
  world_.trace(fmt::format("{} starts as writer {}", options_.node, number_));
  Wake();
  Timer(number_);
}

void Node::Crash() {
  world_.trace(fmt::format("{} dies", options_.node));
  ++world_.counts.crashes;
  CountUp();
  dying_ = true;
  writer_.reset();
  dying_ = false;
  const size_t writes = store_.unpersisted();
  const auto kept = static_cast<size_t>(world_.dice.Between(0, static_cast<int64_t>(writes)));
  world_.counts.rows_lost += writes - kept;
  store_.Crash(kept);
}

void Node::Pause(Micros time) {
  world_.trace(fmt::format("{} stands still for {} us", options_.node, time.count()));
  ++world_.counts.pauses;
  paused_until_ = world_.scheduler.now() + time;
}

void Node::Resume() {
  paused_until_ = world_.scheduler.now();
  step_planned_ = false;  // the one planned for the end of the pause does no harm
  Wake();
}

void Node::Leave() {
  CountUp();
  dying_ = true;
  writer_.reset();
}

void Node::Want(bool wanted) {
  options_.wanted = wanted;
  if (writer_) writer_->Want(wanted);
}

void Node::Submit(Submission submission, Done done) {
  submission.done = [this, done = std::move(done)](Outcome outcome) {
    if (!dying_) done(number_, std::move(outcome));
  };
  Submission copy;  // a refused Submit calls nothing: answer here
  copy.done = submission.done;
  if (const Result<void> queued = writer_->Submit(std::move(submission)); !queued) {
    Outcome outcome;
    outcome.error = queued.error();
    copy.done(std::move(outcome));
  }
}

void Node::Wake() {
  if (step_planned_) return;
  step_planned_ = true;
  const Micros soon = world_.scheduler.now() + world_.dice.Time(microseconds(1), microseconds(200));
  world_.scheduler.At(std::max(soon, paused_until_), [this] { Step(); });
}

void Node::Timer(uint64_t number) {
  world_.scheduler.In(milliseconds(50), [this, number] {
    if (!writer_ || number != number_) return;
    if (!paused()) Wake();
    Timer(number);
  });
}

void Node::Step() {
  step_planned_ = false;
  if (!writer_) return;
  if (paused()) return Wake();
  if (writer_->Step()) Wake();
}

void Node::CountUp() {
  const WriterStatus status = writer_->Status();
  RunCounts& counts = world_.counts;
  counts.claims += status.claims;
  counts.void_entries += status.void_entries;
  counts.gaps += status.gaps;
  counts.stalls += status.stalls;
  counts.repeats += status.repeats;
  counts.barriers += status.barriers;
  counts.accepted += status.accepted;
  counts.refused += status.refused;
  counts.flushes += status.flushes;
  counts.diverged += status.phase == WriterStatus::Phase::kDiverged;
}

}  // namespace jalon::eventstore::simulation
