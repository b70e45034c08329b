// The files of a signer's folder, but for its memory (rocks/signer_folder.h):
//
//   key            signing_key.h
//   previous       the key before, after a change: signs beside the other one until it is retired
//   rotation.HEX   the note by which the key before vouches for that public key (trail/rotation.h)
//   generation     the last part of the names under which logs are signed; not there: the first
//
// Reads anybody may do at any time; changes only whoever has the folder for himself, which its
// memory tells.
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "eventstore/base/result.h"
#include "eventstore/signer/signing_key.h"
#include "eventstore/trail/origin.h"

namespace jalon::eventstore {

std::string KeyIn(const std::string& folder);

struct KeyFolder {
  SigningKeys keys;
  uint32_t generation = trail::kFirstGeneration;
  std::optional<std::string> rotation = {};  // of the key that signs now; none: it is the first
};

// Errors: those of LoadSigningKey; DATA_LOSS SIGNER_KEY_INVALID.
Result<KeyFolder> ReadKeyFolder(const std::string& folder);

// Makes a new key, and keeps the old one as the previous one, with its note that vouches for the
// new one. ALREADY_EXISTS: a previous one is still kept; those of ReadKeyFolder and
// CreateSigningKey. Durability: a crash on the way leaves the old key alone, or both.
Result<SigningKeys> ChangeKey(const std::string& folder);
// Destroys the previous key. NOT_FOUND: there is none.
Result<void> EndPreviousKey(const std::string& folder);

// INTERNAL SIGNER_KEY_NOT_WRITTEN. Durability: it survives a crash once it returned.
Result<void> RememberGeneration(const std::string& folder, uint32_t generation);

}  // namespace jalon::eventstore
