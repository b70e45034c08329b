// The thread that claims, at the start of a signer, that this one signs from now on: it gives the
// claim to the system partition until it is read there as one that counted.
//
// If the process dies, the next start claims anew. Each try is signed for the place after the last
// claim that was read, so one that was taken and not answered for counts once, and one that another
// signer's came before is made again.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/mutex.h"
#include "eventstore/signer/signer_claims.h"
#include "eventstore/signer/signing_key.h"
#include "jalon/event/v1/system_events.pb.h"
#include "services/api/command_sink.h"
#include "services/api/placement.h"

namespace jalon::node {

// What health checks are asked for it: whether this node signs.
inline constexpr const char* kSignerHealth = "signer";
// How long one try is waited for.
inline constexpr std::chrono::milliseconds kClaimAgain{500};
// Of tries that fail, the first is told, and then one of so many: one a minute.
inline constexpr uint64_t kTriesPerWord = 120;

// What is claimed, whoever claimed before.
struct WantedClaim {
  eventstore::SigningKeys keys;
  Bytes deployment;  // 16 bytes, of the log's genesis
  uint32_t generation = trail::kFirstGeneration;
  std::vector<std::string> rotations = {};  // the notes that lead to the key, the oldest first
  bool replaces_lost_key = false;
};

// The notes that lead from one key to the other; none: they do not, or it is the same.
std::vector<std::string> RotationsFrom(const trail::PublicKey& key,
                                       const std::vector<std::string>& rotations);

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

  // Who claims, it draws. All of `parts` must outlive this.
  Claiming(Parts parts, WantedClaim wanted);
  ~Claiming() { Stop(); }

  void Start();
  // Nothing is told after it. The claim may still count.
  void Stop();

 private:
  void Run();
  std::shared_ptr<event::v1::SignerClaimed> Signed() const;
  void Submit();

  const Parts parts_;
  const WantedClaim wanted_;
  const Bytes claimant_;
  // Of tries; whoever answers one may be late, so it holds it too.
  struct Tries {
    std::atomic<uint64_t> failed = 0;
    Mutex mutex;  // while it is told what is wrong
    bool over JALON_GUARDED_BY(mutex) = false;
  };
  const std::shared_ptr<Tries> tries_ = std::make_shared<Tries>();
  Mutex mutex_;
  Condition wake_;
  bool stopping_ JALON_GUARDED_BY(mutex_) = false;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace jalon::node
