#include "services/api/receipt_desk.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>

#include "eventstore/base/thread_name.h"
#include "services/api/queries/trail_of.h"

namespace jalon::api {
namespace {

// While somebody waits for a record that is not counted, or for views that do not serve.
constexpr std::chrono::milliseconds kLookAgain{10};

// What a later pass may have: the record is not counted, or the views do not serve, after a start.
constexpr std::string_view kToCome[] = {kNotCountedYet, "NOT_SERVING", "VIEW_BEHIND",
                                        "SIGNED_FURTHER"};
// Another node signs, or wrote the record to another life of the log.
constexpr std::string_view kNoFault[] = {kSignerElsewhere, kAnotherLog};

bool Has(std::span<const std::string_view> reasons, std::string_view reason) {
  return std::ranges::find(reasons, reason) != reasons.end();
}

}  // namespace

ReceiptDesk::ReceiptDesk(Parts parts) : parts_(std::move(parts)) {
  parts_.receipts.OnNews([queue = queue_] { Ring(*queue); });
}

void ReceiptDesk::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void ReceiptDesk::Stop() {
  std::vector<Waiter> left;
  {
    MutexLock lock(queue_->mutex);
    queue_->ended = true;
    left.swap(queue_->waiters);
  }
  queue_->more.notify_one();
  if (thread_.joinable()) thread_.join();
  for (const Waiter& waiter : left) waiter.done({});
}

void ReceiptDesk::Ask(Partition partition, const Bytes& log_incarnation, Seq seq, Done done) {
  if (parts_.receipts.CanSign() || !parts_.elsewhere) {
    return AskHere(partition, log_incarnation, seq, std::move(done));
  }
  parts_.elsewhere(partition, log_incarnation, seq, std::move(done));
}

void ReceiptDesk::AskHere(Partition partition, const Bytes& log_incarnation, Seq seq, Done done) {
  if (!parts_.receipts.CanSign()) return done({});
  Waiter waiter{.wanted = {.partition = partition, .seq = seq, .log_incarnation = log_incarnation},
                .deadline = parts_.clock.Monotonic() + kReceiptWait,
                .done = std::move(done)};
  {
    MutexLock lock(queue_->mutex);
    if (!queue_->ended) {
      queue_->waiters.push_back(std::move(waiter));
      queue_->more.notify_one();
      return;
    }
  }
  waiter.done({});
}

void ReceiptDesk::Ring(Queue& queue) {
  MutexLock lock(queue.mutex);
  queue.rung = true;
  queue.more.notify_one();
}

bool ReceiptDesk::Wait(std::vector<Waiter>& waiters) {
  MutexLock lock(queue_->mutex);
  const auto has_come = [&]() JALON_REQUIRES(queue_->mutex) {
    return queue_->ended || queue_->rung || !queue_->waiters.empty();
  };
  if (waiters.empty()) {
    lock.Wait(queue_->more, has_come);
  } else {
    lock.WaitFor(queue_->more, kLookAgain, has_come);
  }
  queue_->rung = false;
  std::ranges::move(queue_->waiters, std::back_inserter(waiters));
  queue_->waiters.clear();
  return !queue_->ended;
}

void ReceiptDesk::Run() {
  NameThread("receipts");
  std::vector<Waiter> waiters;
  Ring(*queue_);  // what comes is counted in memory from then on where the views serve
  while (Wait(waiters)) {
    if (!waiters.empty()) {
      Serve(waiters);
    } else {
      // So that who asks next does not wait for all that nobody wanted a receipt of.
      const Result<bool> more = parts_.receipts.Advance();
      if (!more && parts_.on_fault) parts_.on_fault(more.error());
      if (more && *more) Ring(*queue_);
    }
  }
  for (const Waiter& waiter : waiters) waiter.done({});
}

void ReceiptDesk::Serve(std::vector<Waiter>& waiters) const {
  std::vector<ReceiptsWanted> wanted;
  wanted.reserve(waiters.size());
  for (const Waiter& waiter : waiters) wanted.push_back(waiter.wanted);
  std::vector<Result<Receipts::Made>> made = parts_.receipts.Make(wanted);
  const Micros now = parts_.clock.Monotonic();
  std::vector<Waiter> waiting;
  for (size_t i = 0; i < waiters.size(); ++i) {
    if (made[i]) {
      waiters[i].done(*std::move(made[i]));
      continue;
    }
    const std::string& reason = made[i].error().reason;
    if (reason == kNotInMemory) {
      ServeAgain(std::move(waiters[i]));
    } else if (Has(kToCome, reason) && now < waiters[i].deadline) {
      waiting.push_back(std::move(waiters[i]));
    } else {
      Tell(made[i].error());
      waiters[i].done({});
    }
  }
  waiters = std::move(waiting);
}

// It was written before anything was counted in memory, or is a repeat of an old one.
void ReceiptDesk::ServeAgain(Waiter waiter) const {
  const auto shared = std::make_shared<Waiter>(std::move(waiter));
  const auto make = [this, shared] {
    Result<Receipts::Made> made = parts_.receipts.MakeAgain(shared->wanted);
    if (!made) Tell(made.error());
    shared->done(made ? *std::move(made) : Receipts::Made());
  };
  if (!parts_.run) return make();
  if (!parts_.run(make)) shared->done({});
}

void ReceiptDesk::Tell(const Error& error) const {
  // The reply says that the receipt is to come.
  const bool is_fault = !Has(kToCome, error.reason) && !Has(kNoFault, error.reason);
  if (is_fault && parts_.on_fault) parts_.on_fault(error);
}

}  // namespace jalon::api
