#include "services/node/writers.h"

#include <utility>

#include "eventstore/base/at_once.h"
#include "eventstore/base/random.h"
#include "eventstore/base/thread_name.h"

namespace jalon::node {
namespace {

using eventstore::Writer;
using eventstore::WriterStatus;

// How often timers are looked at: while something happened lately, and otherwise.
constexpr std::chrono::milliseconds kTimersBusy{50};
constexpr std::chrono::milliseconds kTimersIdle{1000};

// How many partitions of a shared log are opened at a time: as many as it lends readers.
constexpr size_t kOpenAtOnce = 4;

uint64_t RandomNumber() {
  uint64_t number = 0;
  FillRandom(&number, sizeof(number));
  return number;
}

}  // namespace

std::string PhaseName(eventstore::WriterStatus::Phase phase) {
  using Phase = WriterStatus::Phase;
  switch (phase) {
    case Phase::kReplaying:
      return "replaying";
    case Phase::kFollowing:
      return "following";
    case Phase::kClaiming:
      return "claiming";
    case Phase::kServing:
      return "serving";
    case Phase::kDiverged:
      return "diverged";
    case Phase::kTooNew:
      return "too new";
    case Phase::kFailed:
      return "failed";
  }
  return "unknown";
}

Writers::Writers(const WritersOptions& options, eventstore::Log& log, eventstore::StateStore& store,
                 Applications applications, const Clock& clock,
                 std::function<void(Partition, const WriterStatus&)> on_phase)
    : options_(options),
      log_(log),
      clock_(clock),
      on_phase_(std::move(on_phase)),
      ready_(options.birth.Partitions()),
      wanted_(options.birth.Partitions()),
      owns_(options.birth.Partitions()),
      phases_(options.birth.Partitions(), WriterStatus::Phase::kReplaying),
      status_(options.birth.Partitions()) {
  for (uint32_t i = 0; i < options.birth.Partitions(); ++i) {
    eventstore::WriterOptions writer;
    writer.partition = Partition{i};
    writer.node = options.node;
    writer.address = options.address;
    writer.wanted = options.exclusive_log;
    wanted_[i] = writer.wanted;
    writer.exclusive_log = options.exclusive_log;
    writer.cached_row_bytes = options.cached_row_bytes;
    writers_.push_back(std::make_unique<Writer>(
        writer, log, store,
        i < options.birth.partition_count ? applications.schools : applications.system, clock,
        RandomNumber));
    writers_.back()->OnWork([this, i] { Wake(i); });
    ready_[i] = true;
  }
}

Writers::~Writers() { Drain(); }

void Writers::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void Writers::Drain() {
  if (draining_.exchange(true)) return;
  if (!thread_.joinable()) return RunDown();
  thread_.request_stop();
  {
    MutexLock lock(mutex_);
    awake_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

Result<void> Writers::TakesCommands() {
  if (draining_) {
    return Fail(Code::kUnavailable, "NOT_SERVING", "the server ends: try again");
  }
  return log_.TakesEntries();
}

Result<void> Writers::Submit(Partition partition, eventstore::Submission submission) {
  if (draining_) {
    return Fail(Code::kUnavailable, "NOT_SERVING", "the server ends: try again");
  }
  return writers_[partition.value]->Submit(std::move(submission));
}

void Writers::Want(Partition partition, bool wanted) {
  if (wanted_[partition.value].exchange(wanted) != wanted) Wake(partition.value);
}

std::optional<Epoch> Writers::Owns(Partition partition) const {
  const uint64_t epoch = owns_[partition.value];
  return epoch == 0 ? std::nullopt : std::optional(Epoch{epoch});
}

void Writers::Wake(size_t index) {
  ready_[index].store(true);
  if (awake_.load() || awake_.exchange(true)) return;
  // The thread may be about to wait: it must not miss this.
  {
    MutexLock lock(mutex_);
  }
  wake_.notify_one();
}

bool Writers::StepReady(const std::stop_token& stop) {
  bool more = false;
  for (size_t i = 0; i < ready_.size() && !stop.stop_requested(); ++i) {
    if (!ready_[i].load(std::memory_order_relaxed) || !ready_[i].exchange(false)) continue;
    writers_[i]->Want(wanted_[i].load(std::memory_order_relaxed));
    if (writers_[i]->Step()) {
      ready_[i].store(true);
      more = true;
    }
    if (writers_[i]->Phase() != phases_[i]) Look(i);
  }
  return more;
}

void Writers::Look(size_t index) {
  const WriterStatus status = writers_[index]->Status();
  const WriterStatus::Phase phase = status.phase;
  const bool owns = phase == WriterStatus::Phase::kServing;
  owns_[index] = owns ? writers_[index]->LastEpoch().value : 0;
  if (IsReady(phase) && !IsReady(phases_[index])) ++ready_count_;
  if (!IsReady(phase) && IsReady(phases_[index])) --ready_count_;
  phases_[index] = phase;
  on_phase_(Partition{static_cast<uint32_t>(index)}, status);
}

bool Writers::IsReady(WriterStatus::Phase phase) const {
  using Phase = WriterStatus::Phase;
  if (options_.exclusive_log) return phase == Phase::kServing;
  return phase == Phase::kFollowing || phase == Phase::kClaiming || phase == Phase::kServing;
}

void Writers::Tell() {
  MutexLock lock(mutex_);
  if (!asked_) return;
  for (size_t i = 0; i < writers_.size(); ++i) status_[i] = writers_[i]->Status();
  asked_ = false;
  told_.notify_all();
}

void Writers::TimersTurn() {
  const Micros now = clock_.Monotonic();
  if (now < timers_at_) return;
  timers_at_ = now + (worked_ ? kTimersBusy : kTimersIdle);
  worked_ = false;
  for (size_t i = 0; i < writers_.size(); ++i) {
    ready_[i] = true;
    // One that waits to claim has timers of its own.
    if (wanted_[i] && phases_[i] != WriterStatus::Phase::kServing) worked_ = true;
  }
}

void Writers::WaitForWork(const std::stop_token& stop) {
  Tell();
  MutexLock lock(mutex_);
  awake_ = asked_ || stop.stop_requested();
  for (const std::atomic<bool>& ready : ready_) {
    if (ready) awake_ = true;
  }
  if (lock.WaitFor(wake_, timers_at_ - clock_.Monotonic(), [this] { return awake_.load(); })) {
    worked_ = true;
  }
  awake_ = true;
}

bool Writers::Drained() const {
  for (const auto& writer : writers_) {
    if (!writer->Drained()) return false;
  }
  return true;
}

void Writers::Open(const std::stop_token& stop) {
  // No step fails but in its writer's phase.
  [[maybe_unused]] const Result<void> opened =
      ForEachAtOnce(writers_.size(), kOpenAtOnce, [this, &stop](size_t i) -> Result<void> {
        if (!stop.stop_requested()) writers_[i]->Step();
        return {};
      });
}

void Writers::Run(const std::stop_token& stop) {
  NameThread("writers");
  if (!options_.exclusive_log) Open(stop);
  while (!stop.stop_requested()) {
    TimersTurn();
    if (!StepReady(stop)) WaitForWork(stop);
  }
  RunDown();
}

void Writers::RunDown() {
  for (const auto& writer : writers_) writer->Drain();
  while (!Drained()) {
    for (std::atomic<bool>& ready : ready_) ready = true;
    if (StepReady({})) continue;
    MutexLock lock(mutex_);  // the log still syncs what was handed over
    lock.WaitFor(wake_, std::chrono::milliseconds(1), [] { return false; });
  }
  Tell();
  MutexLock lock(mutex_);
  ended_ = true;
  told_.notify_all();
}

std::vector<WriterStatus> Writers::Status() {
  MutexLock lock(mutex_);
  asked_ = true;
  awake_ = true;
  wake_.notify_one();
  lock.Wait(told_, [this]() JALON_REQUIRES(mutex_) { return !asked_ || ended_; });
  return status_;
}

}  // namespace jalon::node
