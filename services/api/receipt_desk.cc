#include "services/api/receipt_desk.h"

#include <utility>

#include "eventstore/base/thread_name.h"
#include "services/api/queries/trail_of.h"

namespace jalon::api {

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
  const Micros deadline = parts_.clock.Monotonic() + kReceiptWait;
  Waiter waiter{.wanted = {.partition = partition, .seq = seq}, .done = std::move(done)};
  parts_.views.Await(
      partition, log_incarnation, seq, deadline,
      [queue = queue_, waiter = std::move(waiter)](const Result<void>& reached) mutable {
        if (!reached) return waiter.done({});  // the reply says that it is pending
        Add(*queue, std::move(waiter));
      });
}

void ReceiptDesk::Add(Queue& queue, Waiter waiter) {
  {
    MutexLock lock(queue.mutex);
    if (!queue.ended) {
      queue.waiters.push_back(std::move(waiter));
      queue.more.notify_one();
      return;
    }
  }
  waiter.done({});
}

void ReceiptDesk::Run() {
  NameThread("receipts");
  for (;;) {
    std::vector<Waiter> waiters;
    {
      MutexLock lock(queue_->mutex);
      lock.Wait(queue_->more, [&]() JALON_REQUIRES(queue_->mutex) {
        return queue_->ended || !queue_->waiters.empty();
      });
      if (queue_->ended) return;
      waiters.swap(queue_->waiters);
    }
    Serve(waiters);
  }
}

void ReceiptDesk::Serve(const std::vector<Waiter>& waiters) const {
  std::vector<ReceiptsWanted> wanted;
  wanted.reserve(waiters.size());
  for (const Waiter& waiter : waiters) wanted.push_back(waiter.wanted);
  std::vector<Result<Receipts::Made>> made = parts_.receipts.Make(wanted);
  for (size_t i = 0; i < waiters.size(); ++i) {
    // That another node signs is no fault: the reply says that the receipt is to come.
    const bool elsewhere = !made[i] && made[i].error().reason == kSignerElsewhere;
    if (!made[i] && !elsewhere && parts_.on_fault) parts_.on_fault(made[i].error());
    waiters[i].done(made[i] ? *std::move(made[i]) : Receipts::Made());
  }
}

}  // namespace jalon::api
