// Keeps a Placement, and who signs, as the system partition says: reads all of that at the start,
// and then what comes.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <thread>

#include "eventstore/base/mutex.h"
#include "eventstore/log/classify.h"
#include "eventstore/log/genesis.h"
#include "eventstore/log/log.h"
#include "eventstore/signer/signer_claims.h"
#include "services/api/placement.h"

namespace jalon::node {

// Thread safety: Open, Start and Stop once, from one thread; placement() and claims() from any.
class Placements {
 public:
  // `on_fault` is called from the thread, at most once, if the system partition cannot be read on,
  // which must end the process. The log must outlive this.
  Placements(const eventstore::Birth& birth, eventstore::Log& log,
             std::function<void(const Error&)> on_fault);
  ~Placements() { Stop(); }

  // Returns once all that is there now is known. The errors of reading; DATA_LOSS
  // PARTITION_DIVERGED.
  Result<void> Open();
  // What comes from now on.
  void Start();
  void Stop();

  api::Placement& placement() { return placement_; }
  eventstore::SignerClaims& claims() { return claims_; }

 private:
  // What the log rings. It may be about to when this goes, so it holds it too.
  struct Bell {
    Mutex mutex;
    Condition rung;
    bool more JALON_GUARDED_BY(mutex) = true;
  };

  Result<void> ReadUpTo(Offset end);
  Result<void> Fold(const eventstore::StoredEntry& entry);
  // What it says wrongly; empty: nothing.
  std::string_view FoldEvent(std::string_view bytes);
  std::string_view FoldPlaced(const log::v1::Event& event);
  std::string_view FoldClaimed(const log::v1::Event& event);
  // Folds what is there; true if it is to look again soon, since the log could not be reached.
  Result<bool> Read();
  void Run(const std::stop_token& stop);

  eventstore::Log& log_;
  const Bytes deployment_;
  const std::function<void(const Error&)> on_fault_;
  api::Placement placement_;
  eventstore::SignerClaims claims_;
  eventstore::ChainHead head_;
  Offset next_{};
  const std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
  std::unique_ptr<eventstore::Follower> follower_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace jalon::node
