// Commands of every partition: decided here where this node owns it, else handed to the node that
// does, one hop at most (commit-protocol §4).
//
// A command is tried until its caller's deadline: at the owner that hints know, at the one that a
// NOT_OWNER names, or a little later while a partition changes hands. It goes with the same request
// id each time, so that whichever node decides it, it happens once; an owner that is silent for
// kPeerPatience is asked again.
//
// Thread safety: every call may come from any thread.
#pragma once

#include <chrono>
#include <memory>

#include "eventstore/base/clock.h"
#include "eventstore/owners/hints.h"
#include "services/api/command_sink.h"
#include "services/api/peer/peers.h"
#include "services/api/placement.h"

namespace jalon::api {

// A silent owner: what became of the command is unknown, and it is sent again.
inline constexpr std::chrono::seconds kPeerPatience{2};
// Between two tries where nobody owns the partition yet.
inline constexpr std::chrono::milliseconds kTryAgain{20};
// Where a caller's own deadline is further away.
inline constexpr std::chrono::seconds kForwardedAtMost{10};

struct RoutedParts {
  std::string node;    // this one
  CommandSink& local;  // its writers
  eventstore::Hints& hints;
  Peers& peers;
  const Placement& placement;
  const Clock& clock;  // of deadlines
};

class RoutedSink final : public CommandSink {
 public:
  // All must outlive the sink, and every command in it.
  explicit RoutedSink(RoutedParts parts);
  // Ends first what it still tries.
  ~RoutedSink() override;

  const Bytes& LogIncarnation() const override { return parts_.local.LogIncarnation(); }
  Result<void> TakesCommands() override;
  Result<void> Submit(Partition partition, eventstore::Submission submission) override;

  // Tries nothing more: what waits for another try fails NOT_SERVING, or OUTCOME_UNKNOWN where an
  // owner may have taken it.
  void Stop();

 private:
  class Trying;
  struct Shared;

  const RoutedParts parts_;
  const std::shared_ptr<Shared> shared_;
};

}  // namespace jalon::api
