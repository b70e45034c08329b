// What witnesses signed of a log, the root log of a deployment: its checkpoints with their lines
// (C2SP tlog-cosignature). Each is a signed note in a file of its own, named by its size, in a
// folder of the log's generation:
//
//   signer/cosigned/generation-1/1200   enough witnesses have signed this one: what is before it
//                                       is dropped
//   signer/cosigned/generation-1/1207   this one is newer, and not all have signed it yet
//   signer/forked/generation-1/1190     this one the log's key has signed, and it is of another
//                                       history: the evidence
//
// What is kept was verified: the log's signature, and every witness's by the policy. A note that
// none of the log's keys of today has signed, or no witness of today's policy, may be all that
// proves what was signed: it stays where it is, is not served, and is never written over.
//
// Thread safety: every call may come from any thread.
// Durability: what Keep said is kept survives a crash. What is lost, witnesses are asked for again.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/note.h"
#include "eventstore/trail/policy.h"

namespace jalon::eventstore {

// Lines handed in at once.
inline constexpr size_t kCosignaturesMax = 32;
// Checkpoints kept that are newer than the one that enough witnesses have signed.
inline constexpr size_t kUnmetCheckpointsMax = 8;
// Of a policy: a note has room for each one's line and those of both keys of a log.
inline constexpr size_t kWitnessesMax = trail::kSignaturesMax - 2;
// Checkpoints kept that are of another history: one is enough to prove it.
inline constexpr size_t kForkedMax = 16;

// A checkpoint that witnesses signed.
struct Cosigned {
  struct By {
    trail::SignatureLine line;
    uint64_t time_s = 0;
  };

  trail::Checkpoint checkpoint;
  std::vector<trail::SignatureLine> log_lines;  // of each of the log's keys that signed
  std::map<size_t, By> by;  // by the witness's place in the policy: the last that each has signed
  bool quorum_met = false;

  // With all lines.
  std::string Note() const;
};

class Cosignatures {
 public:
  struct Options {
    std::string folder;  // made if it is not there, and the one above
    std::string forked;  // made with the first that lies in it
    trail::Policy policy;
    // That sign the log now, under its one origin: after a change of the key the one before too.
    std::vector<trail::VerifierKey> logs;
  };

  // With what is kept there already; a line of a witness that the policy does not name any more is
  // left out. FAILED_PRECONDITION NO_WITNESSES: the policy names none, or more than kWitnessesMax,
  // or needs none, so that what an auditor needs would be dropped as no better than less; DATA_LOSS
  // COSIGNATURES_DAMAGED and UNAVAILABLE SIGNER_UNAVAILABLE, with what to do. REQUIRES: there is a
  // key, and all have one name.
  static Result<std::unique_ptr<Cosignatures>> Open(Options options);

  // Of the largest that is kept: the log was as large.
  uint64_t Largest() JALON_EXCLUDES(mutex_);

  // Keeps the evidence of another history: a checkpoint that Read gave, and that the log as it is
  // contradicts. Of each size the first, and of kForkedMax sizes. UNAVAILABLE SIGNER_UNAVAILABLE.
  Result<void> KeepForked(const Cosigned& read) JALON_EXCLUDES(mutex_);

  // The sizes of those that were found and are not served.
  const std::set<uint64_t>& left() const { return left_; }

  // Reads a signed checkpoint and lines of witnesses for it; those of others are left out (C2SP
  // tlog-witness). INVALID_ARGUMENT COSIGNATURE_REFUSED: none is of a witness of the policy; one
  // that is does not hold, or is of no time (0), or of one beyond `now_s` and
  // trail::kWitnessAheadMaxS; a line
  // stands twice, or is not in its one spelling; there are more than kCosignaturesMax.
  // FAILED_PRECONDITION ROOT_NOT_SIGNED: the log's key has not signed it.
  Result<Cosigned> Read(std::string_view checkpoint, std::string_view lines, uint64_t now_s) const;

  struct Kept {
    Cosigned cosigned;  // with what was there before
    bool is_kept = false;
  };
  // Keeps what Read gave, and writes nothing where it is known already. Not kept: enough witnesses
  // have signed a newer one. REQUIRES: the checkpoint is of the log as it is. FAILED_PRECONDITION
  // SIGNED_OTHERWISE: another one of its size is kept; UNAVAILABLE SIGNER_UNAVAILABLE.
  Result<Kept> Keep(const Cosigned& read) JALON_EXCLUDES(mutex_);

  // Of those of at least and at most these sizes, the newest that enough witnesses have signed; or,
  // where there is none, the newest.
  std::optional<Cosigned> Newest(uint64_t least, uint64_t most) JALON_EXCLUDES(mutex_);

 private:
  explicit Cosignatures(Options options) : options_(std::move(options)) {}

  const std::string& origin() const { return options_.logs.front().name; }
  std::string PathOf(uint64_t size) const;
  // Of a note: the log's lines and those of witnesses, verified; others are left out.
  Result<Cosigned> Verify(const trail::Note& note, uint64_t now_s) const;
  Result<void> VerifyLine(const trail::SignatureLine& line, const std::string& text, uint64_t now_s,
                          Cosigned* into) const;
  std::optional<size_t> WitnessOf(const trail::SignatureLine& line) const;
  const trail::VerifierKey* LogOf(const trail::SignatureLine& line) const;  // null: of none
  void Judge(Cosigned* cosigned) const;
  Result<void> Load() JALON_EXCLUDES(mutex_);
  // Of the file of that size; none: not by today's keys and policy.
  Result<std::optional<Cosigned>> ReadKept(const std::string& path, uint64_t size) const;
  Result<void> Write(const Cosigned& cosigned) const JALON_REQUIRES(mutex_);
  // Drops what is before the newest that enough have signed, and what is too many.
  void Prune() JALON_REQUIRES(mutex_);

  const Options options_;
  std::set<uint64_t> left_;  // as Load found them
  Mutex mutex_;              // from the look at what is kept until the file is written
  std::map<uint64_t, Cosigned> kept_ JALON_GUARDED_BY(mutex_);  // by size
};

}  // namespace jalon::eventstore
