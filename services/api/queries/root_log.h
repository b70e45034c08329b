// The deployment's root log: its signed checkpoint, what witnesses signed of it, and proofs that a
// log was published in it.
//
// Nothing here publishes. What witnesses signed is kept in a store that is given; if the process
// dies, either it is there or it is handed in again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "eventstore/signer/cosignatures.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/proof.h"
#include "services/api/placement.h"
#include "services/api/queries/reader.h"
#include "services/api/queries/trail_names.h"

namespace jalon::api {

// How often a checkpoint is taken anew where a larger one was signed meanwhile.
inline constexpr int kRootAttemptsMax = 8;

// Thread safety: any thread.
class RootLog {
 public:
  struct Parts {
    Views& views;
    const Placement& placement;
    const TrailNames& names;
    eventstore::Cosignatures* cosignatures = nullptr;  // null: no witness is known here
    const Clock* real_clock = nullptr;                 // of witnesses' times; with cosignatures
    // Is told of what was signed with our key, and is not of our log; may be empty.
    std::function<void(const Error&)> on_forked = {};
    // Is told, each time, that the log is not what witnesses signed of it, or ends before it: then
    // nothing of it is signed, as where it is not what was signed (Signer). May be empty.
    std::function<void(const Error&)> on_refused = {};
  };
  struct Signed {
    trail::Checkpoint checkpoint;
    std::string note;
    trail::Proof consistency = {};
    std::optional<eventstore::Cosigned> cosigned = {};  // the newest that is kept
  };
  struct Consistency {
    trail::Checkpoint old;
    trail::Checkpoint now;
    trail::Proof hashes;
  };
  // Files of an export.
  struct Published {
    std::string proof;                       // a .tlog-proof, whose entry is the checkpoint's text
    std::optional<std::string> consistency;  // of its checkpoint, where it was asked for
    std::optional<std::string> next;         // kRootNextFile, where that needs it
  };

  // All of `parts` must outlive this.
  explicit RootLog(const Parts& parts) : parts_(parts) {}

  // As it is now, with the proof that it goes on from `old_size`, unless that is 0.
  //
  // Errors: UNAVAILABLE SIGNER_ELSEWHERE; INVALID_ARGUMENT FIELD_INVALID beyond its size;
  // UNIMPLEMENTED UNSUPPORTED on a log that was born without a system partition;
  // FAILED_PRECONDITION SIGNED_OTHERWISE: witnesses have signed another history; UNAVAILABLE
  // SIGNED_FURTHER: they have signed a longer one; those of reading and of Signer::Sign.
  Result<Signed> Checkpoint(uint64_t old_size) const;

  // That it goes on, at `size` (0: now), from what it was at `old_size`. Needs no key.
  Result<Consistency> ConsistencyProof(uint64_t old_size, uint64_t size) const;

  // That the checkpoint was published; none if it was not. By the newest checkpoint that witnesses
  // signed, of those that have it and are of at least `since` entries, or else by the present one.
  // `since` > 0: with the proof that this goes on from there.
  Result<std::optional<Published>> ProofOf(const trail::Checkpoint& published,
                                           uint64_t since) const;

  // Keeps what witnesses signed of a checkpoint. Errors: those of Cosignatures; FAILED_PRECONDITION
  // NO_WITNESSES, and ROOT_NOT_SIGNED where this log had another root at its size: then it is kept
  // as evidence, and `on_forked` is told. UNAVAILABLE SIGNED_FURTHER: this log is not as large.
  Result<eventstore::Cosignatures::Kept> AddCosignatures(std::string_view checkpoint,
                                                         std::string_view lines) const;

 private:
  class Snapshot;

  void Forked(const Error& error) const;

  // What `answer` says of the log as it is now; anew where a larger one was signed meanwhile.
  template <typename Answer>
  auto OfNow(const Answer& answer) const;
  // That the entry at `since` is in the log at `size`, whose checkpoint the note is.
  static Result<std::string> NextOf(Snapshot& now, uint64_t since, uint64_t size,
                                    const std::string& note);
  // Whether they have signed more than there is.
  bool IsBehindWitnesses(Snapshot& now) const;
  // The log as it is, signed, if it is as large as all that witnesses signed.
  Result<std::string> Sign(Snapshot& now) const;
  // The newest checkpoint of at least that size that witnesses signed, if it is of this log.
  Result<std::optional<eventstore::Cosigned>> CosignedOf(Snapshot& now, uint64_t least) const;

  const Parts parts_;
};

}  // namespace jalon::api
