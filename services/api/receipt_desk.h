// Where answers to commands wait for their receipts, and the thread that signs them in passes: one
// pass takes all who wait then, signs each partition's receipts log once, with one sync of the
// signer's memory, and lets them go.
//
// Whoever waits for a record that is not counted here, or for views that do not serve yet, is let
// go after kReceiptWait, once the pass under way has ended: without a receipt, which is then asked
// for later (TrailService.GetReceipt).
#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/mutex.h"
#include "services/api/queries/receipts.h"

namespace jalon::api {

// Longer, and a caller who only wants to go on would rather have the answer.
inline constexpr std::chrono::milliseconds kReceiptWait{250};

// Thread safety: Start and Stop once, from one thread; Ask from any.
class ReceiptDesk {
 public:
  struct Parts {
    Receipts& receipts;
    const Clock& clock;
    // Runs work on threads that may wait; false: it was dropped. Empty: there are none.
    std::function<bool(std::function<void()>)> run = {};
    // Has another node make them, which signs, within kReceiptWait; empty: there is none.
    std::function<void(Partition, const Bytes& log_incarnation, Seq,
                       std::function<void(Receipts::Made)>)>
        elsewhere = {};
    // Called with what is wrong inside, of which a caller is told nothing. May be empty.
    std::function<void(const Error&)> on_fault = {};
  };

  // All of `parts` must outlive this.
  explicit ReceiptDesk(Parts parts);
  ~ReceiptDesk() { Stop(); }

  void Start();
  // Lets all go who wait.
  void Stop();

  // Calls `done` once, with the receipts of a record, or with none: from this thread or from that
  // of the pass; it must be quick.
  using Done = std::function<void(Receipts::Made)>;
  void Ask(Partition partition, const Bytes& log_incarnation, Seq seq, Done done);
  // The same of this node alone: none where it does not sign.
  void AskHere(Partition partition, const Bytes& log_incarnation, Seq seq, Done done);

 private:
  struct Waiter {
    ReceiptsWanted wanted;
    Micros deadline;
    Done done;
  };
  // What the log rings when it goes on. It may be about to when this goes, so it holds it too.
  struct Queue {
    Mutex mutex;
    Condition more;
    std::vector<Waiter> waiters JALON_GUARDED_BY(mutex);
    bool rung JALON_GUARDED_BY(mutex) = false;
    bool ended JALON_GUARDED_BY(mutex) = false;
  };

  static void Ring(Queue& queue);
  void Run();
  // Adds those who have come to `waiters`; false: it ended.
  bool Wait(std::vector<Waiter>& waiters);
  // Leaves those who wait on.
  void Serve(std::vector<Waiter>& waiters) const;
  // Of a record that is not in memory any more: the log is read for it.
  void ServeAgain(Waiter waiter) const;
  void Tell(const Error& error) const;

  const Parts parts_;
  const std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace jalon::api
