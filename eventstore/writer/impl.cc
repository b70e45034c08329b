#include "eventstore/writer/impl.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "eventstore/base/limits.h"

namespace jalon::eventstore {
namespace {

Error NotServing(std::string message) {
  return {Code::kUnavailable, "NOT_SERVING", std::move(message), {}};
}

}  // namespace

Writer::Impl::Impl(WriterOptions options, Log& log, StateStore& store,
                   const Application& application, const Clock& clock,
                   std::function<uint64_t()> random)
    : options_(std::move(options)),
      log_(log),
      application_(application),
      clock_(clock),
      state_(options_.partition, log, store, application, options_.cached_row_bytes),
      overlay_(state_),
      takeover_({options_.partition, options_.node, options_.address}, options_.claim_timeout, log,
                std::move(random)),
      guard_(clock),
      wanted_(options_.wanted),
      not_owner_{Code::kUnavailable,
                 "NOT_OWNER",
                 "another node owns the partition; send the command there with the same request id",
                 {}} {}

Writer::Impl::~Impl() {
  follower_.reset();
  Stop(NotServing("the node is stopping; send the command again with the same request id"));
  queue_.TakeInto(&backlog_);
  FailBacklog(status_.error);
  answers_.Deliver();
}

void Writer::Impl::OnWork(std::function<void()> wake) {
  wake_ = std::move(wake);
  queue_.OnWork(wake_);
}

bool Writer::Impl::Step() {
  const Micros now = clock_.Monotonic();
  if (!follower_ && !stopped()) Start();
  const bool read_more = follower_ && !stopped() && Read();
  answers_.Deliver();  // before a batch is decided: those callers have waited for the disk already
  if (!stopped()) Advance(now);
  ServeQueue(now);
  if (!stopped()) FlushIfDue(now);
  if (stopped()) follower_.reset();
  answers_.Deliver();
  const bool can_decide = status_.phase == Phase::kServing && !backlog_.empty() &&
                          overlay_.records().size() < limits::kInflightRecordsMax;
  return !stopped() && (read_more || can_decide || log_ready_.load(std::memory_order_relaxed));
}

void Writer::Impl::Drain() {
  draining_ = true;
  give_up_at_ = clock_.Monotonic() + limits::kDrainClaimMax;
  queue_.Close();
}

bool Writer::Impl::stopped() const {
  return status_.phase == Phase::kDiverged || status_.phase == Phase::kTooNew ||
         status_.phase == Phase::kFailed;
}

void Writer::Impl::Start() {
  const Result<Offset> from = state_.Open();
  if (!from) return Stop(from.error());
  const Result<Offset> end = log_.Head(options_.partition);
  if (!end) return Stop(end.error());
  Result<std::unique_ptr<Follower>> follower = log_.Follow({{options_.partition, *from}}, [this] {
    log_ready_.store(true, std::memory_order_release);
    if (wake_) wake_();
  });
  if (!follower) return Stop(follower.error());
  follower_ = std::move(*follower);
  read_to_ = *from;
  replay_to_ = *end;
}

// What time and what was read make of the phase.
void Writer::Impl::Advance(Micros now) {
  if (status_.phase == Phase::kReplaying && read_to_ >= replay_to_ && IsBorn(state_.head())) {
    status_.phase = Phase::kFollowing;
  }
  if (status_.phase == Phase::kServing) {
    const auto& records = overlay_.records();
    const bool stalled = !records.empty() && now - records.front().handed_over_at > options_.stall;
    status_.gaps += gap_;
    status_.stalls += stalled;
    if (gap_ || stalled) Claim();
  } else if (status_.phase == Phase::kFollowing && !draining_) {
    // From the loss on: who is wanted again much later does not wait again.
    if (claim_after_ == Micros::max()) claim_after_ = now + takeover_.BackOff();
    if (wanted_ && now >= claim_after_) Claim();
  }
  if (status_.phase == Phase::kClaiming) {
    // Nothing tells then what became of what was in flight. Every call to a log that is away waits
    // its whole patience, of each partition in turn: none is made that could be spared.
    if (now >= give_up_at_) return FailUnresolved("NOT_SERVING");
    const Result<void> advanced = takeover_.Advance(state_, read_to_, now);
    if (advanced || advanced.error().code == Code::kUnavailable) return;  // it tries again
    if (advanced.error().code != Code::kResourceExhausted) return Stop(advanced.error());
    FailBacklog(advanced.error());
  }
}

void Writer::Impl::ServeQueue(Micros now) {
  queue_.TakeInto(&backlog_);
  if (stopped()) return FailBacklog(status_.error);
  if (draining_)
    FailBacklog(NotServing("the node is stopping; ask another one, or a little later"));
  if (status_.phase == Phase::kServing) {
    Decide(now);
  } else if (status_.phase == Phase::kFollowing && !wanted_) {
    FailBacklog(not_owner_);
  }
}

void Writer::Impl::FlushIfDue(Micros now) {
  state_.rows().Trim();
  const size_t records = state_.unflushed_records();
  if (records == 0) return;
  if (flush_at_ == Micros::max()) flush_at_ = now + options_.flush_interval;
  const bool due = now >= flush_at_ || records >= options_.flush_records || state_.WantsFlush() ||
                   (draining_ && overlay_.records().empty());
  if (!due) return;
  if (const Result<void> flushed = state_.Flush(); !flushed) return Stop(flushed.error());
  ++status_.flushes;
  flush_at_ = Micros::max();
  state_.rows().Trim();
}

// Nothing is decided, read or flushed any more: what is on disk stays as it is.
void Writer::Impl::Stop(Error error) {
  if (!stopped()) {
    const bool diverged = error.code == Code::kDataLoss;
    status_.phase = diverged ? Phase::kDiverged : Phase::kFailed;
    status_.error = std::move(error);
  }
  Overlay::Dropped dropped = overlay_.Drop();
  std::ranges::move(dropped.in_flight, std::back_inserter(unresolved_));
  FailUnresolved(status_.error.reason);
  for (Submission& submission : dropped.held) answers_.Add(submission, FailedWith(status_.error));
  FailBacklog(status_.error);
}

void Writer::Impl::FailUnresolved(const std::string& cause) {
  for (Submission& submission : unresolved_) {
    answers_.Add(submission, FailedWith({Code::kUnavailable,
                                         "OUTCOME_UNKNOWN",
                                         "whether the command was written is not known; send it "
                                         "again with the same request id",
                                         {{"cause", cause}}}));
  }
  unresolved_.clear();
}

void Writer::Impl::FailBacklog(const Error& error) {
  for (Submission& submission : backlog_) answers_.Add(submission, FailedWith(error));
  backlog_.clear();
}

WriterStatus Writer::Impl::Status() const {
  WriterStatus status = status_;
  status.head = state_.head();
  status.log_incarnation = state_.log_incarnation();
  return status;
}

bool Writer::Impl::Drained() const {
  if (stopped()) return true;
  return draining_ && queue_.Empty() && backlog_.empty() && unresolved_.empty() &&
         overlay_.records().empty() && !overlay_.holds() && state_.unflushed_records() == 0;
}

}  // namespace jalon::eventstore
