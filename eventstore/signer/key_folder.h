// The files of a signer's folder, but for its memory (rocks/signer_folder.h):
//
//   key            signing_key.h
//   key.next       the one of a change that was cut short, which goes on with it
//   previous       the key before, after a change: signs beside the other one until it is retired
//   rotation.HEX   the note by which the key before vouches for that public key (trail/rotation.h)
//   generation     the last part of the names under which logs are signed; not there: the first
//   replaces-lost-key   an operator's word that the key which the log names is lost for good
//   refused        something was asked to be signed that does not go on from what was: see
//                  MayOpenGeneration
//   previous.erasing, *.next.XXXXXX   what a crash left of seeds; erased when the folder is opened
//
// Reads anybody may do at any time; changes only whoever has the folder for himself, which its
// memory tells.
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/base/result.h"
#include "eventstore/signer/signing_key.h"
#include "eventstore/trail/origin.h"

namespace jalon::eventstore {

std::string KeyIn(const std::string& folder);

struct KeyFolder {
  SigningKeys keys;
  uint32_t generation = trail::kFirstGeneration;
  // The notes that lead to the key that signs now, the oldest first; none: it is the first.
  std::vector<std::string> rotations = {};
  bool replaces_lost_key = false;
};
// Of those that are read: a chain that is longer is cut.
inline constexpr size_t kRotationsMax = 64;

// Errors: those of LoadSigningKey; DATA_LOSS SIGNER_KEY_INVALID.
Result<KeyFolder> ReadKeyFolder(const std::string& folder);

// Erases what a crash left of seeds that are no key of this folder. INTERNAL
// SIGNER_KEY_NOT_WRITTEN.
Result<void> SweepKeyFolder(const std::string& folder);

// Makes a new key, and keeps the old one as the previous one, with its note that vouches for the
// new one. ALREADY_EXISTS: a previous one is still kept; those of ReadKeyFolder and
// CreateSigningKey. Durability: a crash on the way leaves the old key alone, or both; the next call
// goes on with the same new key, so that an old key vouches for one.
Result<SigningKeys> ChangeKey(const std::string& folder);
// Destroys the previous key. NOT_FOUND: there is none. Durability: a crash on the way leaves all of
// it, or none that is read.
Result<void> EndPreviousKey(const std::string& folder);

// The operator's word that the key of the log's last claim is lost: given, and taken back once
// the log has it. INTERNAL SIGNER_KEY_NOT_WRITTEN.
Result<void> SayKeyWasLost(const std::string& folder);
Result<void> SayNoKeyWasLost(const std::string& folder);

// That the log lacks, or contradicts, what was signed: the only ground for another generation. It
// is forgotten by the generation that is opened for it, and at each start, which meets it again.
// INTERNAL SIGNER_KEY_NOT_WRITTEN.
Result<void> RememberRefused(const std::string& folder);
Result<void> ForgetRefused(const std::string& folder);
// FAILED_PRECONDITION NOTHING_REFUSED: nothing is remembered.
Result<void> MayOpenGeneration(const std::string& folder);

// INTERNAL SIGNER_KEY_NOT_WRITTEN. Durability: it survives a crash once it returned.
Result<void> RememberGeneration(const std::string& folder, uint32_t generation);

}  // namespace jalon::eventstore
