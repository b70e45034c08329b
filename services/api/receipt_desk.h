// Where answers to commands wait for their receipts, and the thread that signs them in passes: one
// pass takes all who wait then, signs each partition's receipts log once, with one sync of the
// signer's memory, and lets them go.
//
// Whoever waits is let go after kReceiptWait at the latest while the views do not reflect the
// record; without a receipt, which is then asked for later (TrailService.GetReceipt).
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
    Views& views;
    const Receipts& receipts;
    const Clock& clock;  // that of Views::Await
    // Has another node make them, which signs, within kReceiptWait; empty: there is none.
    std::function<void(Partition, const Bytes& log_incarnation, Seq,
                       std::function<void(Receipts::Made)>)>
        elsewhere = {};
    // Called with what is wrong inside, of which a caller is told nothing. May be empty.
    std::function<void(const Error&)> on_fault = {};
  };

  // All of `parts` must outlive this.
  explicit ReceiptDesk(Parts parts) : parts_(std::move(parts)) {}
  ~ReceiptDesk() { Stop(); }

  void Start();
  // Lets all go who wait for a pass. Those who wait for the views, the views let go.
  void Stop();

  // Calls `done` once, with the receipts of a record, or with none: from this thread, from that of
  // the pass or from one of the views; it must be quick.
  using Done = std::function<void(Receipts::Made)>;
  void Ask(Partition partition, const Bytes& log_incarnation, Seq seq, Done done);
  // The same of this node alone: none where it does not sign.
  void AskHere(Partition partition, const Bytes& log_incarnation, Seq seq, Done done);

 private:
  struct Waiter {
    ReceiptsWanted wanted;
    Done done;
  };
  // What the views ring when a record is reflected. They may be about to when this goes, so they
  // hold it too.
  struct Queue {
    Mutex mutex;
    Condition more;
    std::vector<Waiter> waiters JALON_GUARDED_BY(mutex);
    bool ended JALON_GUARDED_BY(mutex) = false;
  };

  static void Add(Queue& queue, Waiter waiter);
  void Run();
  void Serve(const std::vector<Waiter>& waiters) const;

  const Parts parts_;
  const std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace jalon::api
