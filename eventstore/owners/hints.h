// Who lives, who should own which partition, and where its owner can be reached: all of it hints
// (commit-protocol §4). A wrong one costs a claim or a hop; only a claim that counted in the log
// makes an owner.
//
//   posted   a heartbeat each `heartbeat`: address, whether it takes partitions, what it owns
//   live     heard within `dead_after`, and not refused a connection since
//   takers   live, know the log, and do not end
//   should   rendezvous hashing over the takers (assignment.h)
//
// A node that should own what a living one owns waits for `grace` before it claims, so that a start
// or a short silence moves nothing. One whose own heartbeats do not come back hears nobody: it
// changes nothing until they do.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"
#include "eventstore/owners/board.h"
#include "jalon/node/v1/heartbeat.pb.h"

namespace jalon::eventstore {

struct HintsOptions {
  std::string node;     // unique in the deployment
  std::string address;  // where the others reach it; empty: it is to be alone on the log
  Bytes run;            // 8 random bytes
  uint32_t partition_count = 0;
  std::chrono::milliseconds heartbeat{500};
  std::chrono::milliseconds dead_after{1500};
  std::chrono::milliseconds grace{1000};
};

// What the node knows of itself.
struct NodeStanding {
  // It writes, and has read the log to the end seen at its start.
  bool takes_partitions = false;
  bool relays = false;  // it tells the public feed, if it is the one that should
  bool signs = false;   // its claim to sign is the last one, as far as it knows
  bool leaving = false;
  std::vector<std::optional<Epoch>> owned;  // by partition: the epoch of its claim that counted
};

struct Member {
  std::string node;
  std::string address;

  bool operator==(const Member&) const = default;
};

// Thread safety: RouteOf, ShouldRelay, Signer, HasOtherTaker, Refused and Told from any thread; the
// rest from one.
class Hints {
 public:
  // Both must outlive the hints.
  Hints(HintsOptions options, Board& board, const Clock& clock);

  // Posts and reads what is due; call it every 50 ms or so. UNAVAILABLE BOARD_SILENT: what this
  // node posts does not come back, for now. FAILED_PRECONDITION NODE_NAME_TAKEN: an older node
  // posts under this one's name; NODE_NOT_ALONE: an older one lives, and one of both has no
  // address.
  Result<void> Step(const NodeStanding& standing);

  // Whether this node should own the partition, as of the last Step.
  bool Wants(Partition partition) const { return wanted_[partition.value]; }

  // Where a command of the partition should go: to its owner if it lives, else to who should take
  // over. None: nobody is known to live that could.
  std::optional<Member> RouteOf(Partition partition) const;
  // Whether this node is the one that should tell the public feed: two may think so for a moment,
  // and each does until it could hear the others.
  bool ShouldRelay() const;
  // Another node that lives and signs; none is known: of several, the one heard last.
  std::optional<Member> Signer() const;
  // Whether another node could take over what this one owns. No, while nobody is heard.
  bool HasOtherTaker() const;

  // The node's address refused a connection: it is taken for dead until it is heard twice more.
  void Refused(const std::string& node);
  // A node said that it does not own the partition, but this one does.
  void Told(Partition partition, const Member& owner, Epoch epoch);

 private:
  struct Heard {
    node::v1::Heartbeat last;
    Micros at{};
    uint64_t dead_until = 0;  // a number of its heartbeats
  };
  struct Owner {
    Member member;
    Epoch epoch;
  };

  Result<void> Read(Micros now);
  Result<void> Hear(node::v1::Heartbeat heartbeat, Micros now);
  Result<void> HearStranger(const node::v1::Heartbeat& heartbeat, Micros now);
  bool IsSilent(Micros now) const;
  void ForgetGone(Micros now) JALON_REQUIRES(mutex_);
  void Post(const NodeStanding& standing, Micros now);
  void Judge(const NodeStanding& standing, Micros now);
  bool Lives(const Heard& heard) const JALON_REQUIRES(mutex_);
  // The nodes that live and do not end, of which `does` is true.
  std::vector<std::string> Those(bool self_does, bool leaving,
                                 bool (node::v1::Heartbeat::*does)() const) const
      JALON_REQUIRES(mutex_);
  void FindTakers(const NodeStanding& standing) JALON_REQUIRES(mutex_);
  bool MayClaim(uint32_t partition, Micros now) const JALON_REQUIRES(mutex_);

  const HintsOptions options_;
  Board& board_;
  const Clock& clock_;
  uint64_t posted_ = 0;
  Micros post_at_ = Micros::min();
  std::optional<Micros> began_;
  std::optional<Micros> first_heard_;  // of itself
  Micros heard_at_{};
  uint64_t strangers_ = 0;  // heartbeats of those who may not be there, none long after another
  Micros stranger_at_{};
  std::vector<bool> wanted_;
  std::vector<std::optional<Micros>> mine_since_;  // by partition: since when it should be ours

  mutable Mutex mutex_;
  bool silent_ JALON_GUARDED_BY(mutex_) = false;  // what it posts does not come back
  Micros now_ JALON_GUARDED_BY(mutex_){};  // time of the last judgement: by it the others live
  std::map<std::string, Heard> heard_ JALON_GUARDED_BY(mutex_);
  std::vector<std::optional<Owner>> owners_ JALON_GUARDED_BY(mutex_);
  std::vector<std::string> takers_ JALON_GUARDED_BY(mutex_);
  std::vector<std::string> should_own_ JALON_GUARDED_BY(mutex_);  // by partition
  std::string should_relay_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::eventstore
