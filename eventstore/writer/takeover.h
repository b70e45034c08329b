// Taking a partition over: read to the log's end, append a claim, read on until it counts, or until
// another's does.
//
// Thread safety: one thread at a time.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "eventstore/base/clock.h"
#include "eventstore/log/log.h"
#include "eventstore/writer/partition_state.h"

namespace jalon::eventstore {

struct ClaimIdentity {
  Partition partition;
  std::string node;
  std::string address;
};

class Takeover {
 public:
  Takeover(ClaimIdentity identity, Micros claim_timeout, Log& log,
           std::function<uint64_t()> random);

  // Starts anew.
  void Begin();

  // First verifies that the log still holds what was counted and samples its end; appends the claim
  // once everything up to there is read; appends the same bytes again after each `claim_timeout`
  // without news, since a copy is void. Tries again after that time what failed with
  // RESOURCE_EXHAUSTED DISK_FULL or UNAVAILABLE. DATA_LOSS PARTITION_DIVERGED if the log lost
  // something.
  Result<void> Advance(const PartitionState& state, Offset read_to, Micros now);

  // That a counted claim is the one appended here.
  bool IsMine(std::string_view nonce) const;

  // How long to wait after another's claim counted: random, so that two do not meet again.
  Micros BackOff() const;

 private:
  Blob MakeClaim(const PartitionState& state);

  const ClaimIdentity identity_;
  const Micros claim_timeout_;
  Log& log_;
  const std::function<uint64_t()> random_;
  bool sampled_ = false;
  Offset target_;      // read to here before claiming
  std::string nonce_;  // 16 bytes
  Blob claim_;         // null: not appended yet
  Micros next_at_ = Micros::min();
};

}  // namespace jalon::eventstore
