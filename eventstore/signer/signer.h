// Signs checkpoints, and only those that go on from what it signed before. What it is asked to sign
// is counted and durable in the log already: whoever asks computed it from there.
//
//   asked for (origin, size, root)
//     the last of that origin had the same size and root     signs it again: the same bytes
//     it had the same size and another root                  refuses: SIGNED_OTHERWISE
//     it was larger                                          refuses: SIGNED_FURTHER; where a
//                                                            process before this one signed it, the
//                                                            log lacks what was signed: an incident
//     it was smaller, and a proof shows that this goes on    remembers this, synced, then signs
//     and no proof does                                      refuses: SIGNED_OTHERWISE
//
// Where the key was changed, the one before signs beside it, in a second line of each note, for as
// long as the operator keeps it.
//
// Ed25519 is deterministic, so a crash between the sync and the answer costs nothing: whoever asks
// again gets the same bytes. Two signers of one key and one log cannot contradict each other, even
// where each has a memory of its own; the one whose claim is not the last stops (signer_claims.h).
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"
#include "eventstore/signer/signer_claims.h"
#include "eventstore/signer/signer_memory.h"
#include "eventstore/signer/signing_key.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/proof.h"

namespace jalon::eventstore {

// Proves that the tree that is to be signed begins with that of `old_size`.
using ProveExtends = std::function<Result<trail::Proof>(uint64_t old_size)>;

// Thread safety: every call may come from any thread; one signs at a time.
class Signer {
 public:
  // `on_refused` is told of each SIGNED_OTHERWISE: somebody changed what was signed, or has signed
  // it elsewhere. And, once, of each origin that a process before this one signed further than the
  // log goes now: it lacks signed entries, and asking again does not help. It may be empty.
  // `claims`, which outlive the signer, say whether it may sign; null: always.
  Signer(SigningKeys keys, std::unique_ptr<SignerMemory> memory,
         std::function<void(const Error&)> on_refused = {}, const SignerClaims* claims = nullptr)
      : keys_(std::move(keys)),
        memory_(std::move(memory)),
        on_refused_(std::move(on_refused)),
        claims_(claims) {}

  struct ToSign {
    trail::Checkpoint checkpoint;
    ProveExtends prove;
  };

  // Each checkpoint as a signed note, in the order asked: with one sync for all, and each refused
  // for itself.
  //
  // Errors: FAILED_PRECONDITION SIGNED_OTHERWISE; UNAVAILABLE SIGNED_FURTHER: what was asked for is
  // older than what was signed meanwhile, so ask with what is there now; those of the memory and of
  // `prove`; those of SignerClaims::MaySign.
  // Durability: they are remembered before any is returned.
  std::vector<Result<std::string>> SignAll(std::span<const ToSign> wanted) JALON_EXCLUDES(mutex_);
  // One of them.
  Result<std::string> Sign(const trail::Checkpoint& checkpoint, const ProveExtends& prove) {
    const ToSign wanted[] = {{checkpoint, prove}};
    return SignAll(wanted).front();
  }

  // Whether it is this one that signs, as far as is known here.
  bool MaySign() const { return May().has_value(); }

  // The text of a transfer between schools as a signed note, under a name that no log has: nothing
  // of it is remembered. REQUIRES: it begins with "jalon.transfer/", which no checkpoint does since
  // its second line is none. The key before signs it, too, as it does checkpoints: whoever trusts
  // that one alone believes what is issued meanwhile. Errors: those of SignerClaims::MaySign.
  Result<std::string> SignTransfer(const std::string& text, const std::string& name) const;
  // 64 bytes, by the key that signs now. REQUIRES: it begins with "jalon publication", a line with
  // a space, as no checkpoint does. Errors: those of SignerClaims::MaySign.
  Result<std::string> SignPublication(const std::string& text) const;

  const SigningKeys& keys() const { return keys_; }
  trail::VerifierKey VerifierOf(const std::string& origin) const {
    return keys_.now.VerifierOf(origin);
  }

 private:
  Result<void> May() const;
  // Whether it goes on from what was signed before. True: it is more, and is to be remembered.
  Result<bool> GoesOn(const ToSign& wanted) JALON_REQUIRES(mutex_);
  // Whether the refusal is one that `on_refused` is told of.
  bool IsIncident(const Error& refusal, const std::string& origin) JALON_REQUIRES(mutex_);
  std::string NoteOf(const std::string& text, const std::string& name) const;

  const SigningKeys keys_;
  const std::unique_ptr<SignerMemory> memory_;
  const std::function<void(const Error&)> on_refused_;
  const SignerClaims* const claims_;
  Mutex mutex_;  // from the look at the memory until it is written
  // The origins (hashes: there are as many as trails) whose log this process has seen to reach what
  // was signed, and those of which it was told that they do not.
  std::unordered_set<uint64_t> reached_ JALON_GUARDED_BY(mutex_);
  std::unordered_set<uint64_t> told_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::eventstore
