// The deployment's root log: its signed checkpoint, and proofs that a log was published in it.
//
// Nothing here publishes; if the process dies, nothing happened.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "eventstore/base/result.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/proof.h"
#include "services/api/placement.h"
#include "services/api/queries/reader.h"
#include "services/api/queries/trail_names.h"

namespace jalon::api {

// Thread safety: any thread.
class RootLog {
 public:
  struct Parts {
    Views& views;
    const Placement& placement;
    const TrailNames& names;
  };
  struct Signed {
    trail::Checkpoint checkpoint;
    std::string note;
    trail::Proof consistency = {};
  };

  // All of `parts` must outlive this.
  explicit RootLog(const Parts& parts) : parts_(parts) {}

  // As it is now, with the proof that it goes on from `old_size`, unless that is 0.
  //
  // Errors: UNAVAILABLE SIGNER_ELSEWHERE; INVALID_ARGUMENT FIELD_INVALID beyond its size;
  // UNIMPLEMENTED UNSUPPORTED on a log that was born without a system partition; those of reading
  // and of Signer::Sign.
  Result<Signed> Checkpoint(uint64_t old_size) const;

  // That the checkpoint was published, as the text of a .tlog-proof whose entry is its text; none
  // if it was not.
  Result<std::optional<std::string>> ProofOf(const trail::Checkpoint& published) const;

 private:
  class Snapshot;

  const Parts parts_;
};

}  // namespace jalon::api
