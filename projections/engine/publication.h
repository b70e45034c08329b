// What a projector lets queries see: a snapshot of the store and, per partition, the position that
// it stands at. Positions only ever move forward.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/mutex.h"
#include "projections/engine/read_view.h"

namespace jalon::projections {

// A partition as queries see it. Immutable once published.
struct PublishedPartition {
  AsOf as_of;
  std::shared_ptr<const GenerationMap> generations;
  bool serving = false;        // every view is there and reached the head sampled at the start
  std::optional<Error> error;  // why it stopped
};

// Thread safety: any thread.
class Publication {
 public:
  explicit Publication(const ViewSet& views) : views_(views) {}

  // `awaited` is called whenever somebody begins to wait, without locks held; it must be quick.
  // REQUIRES: set before the first Await.
  void OnAwaited(std::function<void()> awaited) { awaited_ = std::move(awaited); }
  // Somebody waits.
  bool Awaited() const;

  // Replaces the snapshot, which reflects what `changed` says, and answers those who waited for it.
  // REQUIRES: called by one thread; the seq of a partition that serves does not go back.
  void Publish(std::shared_ptr<const StoreSnapshot> snapshot,
               std::vector<std::shared_ptr<const PublishedPartition>> changed);
  // Answers those whose deadline is over.
  void Expire(Micros now);
  // Answers all who wait: nothing will be published any more.
  void Close();

  // The views of `tenant`, which lies in `partition`, as of now. UNAVAILABLE NOT_SERVING while the
  // partition catches up since the start; DATA_LOSS if it stopped; NOT_FOUND for a partition that
  // is not folded here.
  Result<ReadView> Read(Partition partition, Bytes tenant) const;

  // Calls `done` once Read would answer from `seq` on, or with VIEW_BEHIND once `deadline` of the
  // stepping thread's clock is over; metadata "as_of_seq" then says how far it is.
  // FAILED_PRECONDITION POSITION_FROM_ANOTHER_LOG at once for another life of the log. `done` is
  // called exactly once, by the caller or by the thread that steps, without locks held; it must be
  // quick.
  using Done = std::function<void(Result<void>)>;
  void Await(Partition partition, std::string_view log_incarnation, Seq seq, Micros deadline,
             Done done);

 private:
  struct Waiter {
    Partition partition;
    Bytes log_incarnation;
    Seq seq;
    Micros deadline;
    Done done;
  };
  struct Answer {
    Done done;
    Result<void> result;
  };

  // Whether the waiter can be answered, and how; none: not yet.
  std::optional<Result<void>> AnswerTo(const Waiter& waiter) const JALON_REQUIRES(mutex_);
  std::unexpected<Error> Behind(const Waiter& waiter) const JALON_REQUIRES(mutex_);
  static void Call(std::vector<Answer> answers);

  const ViewSet& views_;
  std::function<void()> awaited_;
  mutable Mutex mutex_;
  std::shared_ptr<const StoreSnapshot> snapshot_ JALON_GUARDED_BY(mutex_);
  std::map<Partition, std::shared_ptr<const PublishedPartition>> partitions_
      JALON_GUARDED_BY(mutex_);
  std::vector<Waiter> waiters_ JALON_GUARDED_BY(mutex_);
  bool closed_ JALON_GUARDED_BY(mutex_) = false;
};

}  // namespace jalon::projections
