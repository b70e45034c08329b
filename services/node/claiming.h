// The thread that claims, at the start of a signer, that this one signs from now on: it gives the
// claim to the system partition until it is read there as one that counted.
//
// If the process dies, the next start claims anew. A claim that was taken and not answered for is
// given again under the same request id, so it counts once.
#pragma once

#include <functional>
#include <thread>

#include "eventstore/base/clock.h"
#include "eventstore/base/mutex.h"
#include "eventstore/signer/signer_claims.h"
#include "jalon/event/v1/system_events.pb.h"
#include "services/api/command_sink.h"
#include "services/api/placement.h"

namespace jalon::node {

// What health checks are asked for it: whether this node signs.
inline constexpr const char* kSignerHealth = "signer";
// How long one try is waited for.
inline constexpr std::chrono::milliseconds kClaimAgain{500};

// Thread safety: Start and Stop once, from one thread.
class Claiming {
 public:
  struct Parts {
    api::CommandSink& sink;
    Partition system;
    eventstore::SignerClaims& claims;
    const Clock& clock;  // that of the log, whose monotonic time is the sink's
    // Told of each change of the seat, in order.
    std::function<void(eventstore::SignerSeat)> tell;
    // Called with what is wrong inside.
    std::function<void(const Error&)> on_fault;
  };

  // Claims what `claim` says; who claims, it draws, and `epoch` it leaves to the log. All of
  // `parts` must outlive this.
  Claiming(Parts parts, const eventstore::SignerClaim& claim);
  ~Claiming() { Stop(); }

  void Start();
  // Nothing is told after it. The claim may still count.
  void Stop();

 private:
  void Run();
  void Submit();

  const Parts parts_;
  const std::shared_ptr<event::v1::SignerClaimed> wanted_;
  const Bytes request_id_;
  Mutex mutex_;
  Condition wake_;
  bool stopping_ JALON_GUARDED_BY(mutex_) = false;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace jalon::node
