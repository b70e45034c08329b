// A checkpoint whose signatures were checked.
//
// Thread safety: any thread.
#pragma once

#include <expected>
#include <span>
#include <string_view>
#include <vector>

#include "eventstore/trail/note.h"
#include "eventstore/trail/verify/verify.h"

namespace jalon::trail {

struct SignedCheckpoint {
  Checkpoint checkpoint;
  std::vector<VerifierKey> logs;    // those given that have signed it; at least one
  std::vector<SignedBy> witnesses;  // `key` is a place in the policy's witnesses
};

// Reads a signed note that is a checkpoint of the log with one of the keys: its origin is the key's
// name. `read` is filled as far as it can be read, signed or not. Otherwise what is wrong, in the
// file of that name.
std::expected<SignedCheckpoint, Finding> OpenCheckpoint(std::string_view bytes,
                                                        const std::string& file,
                                                        std::span<const VerifierKey> keys,
                                                        std::span<const VerifierKey> witnesses,
                                                        std::optional<Checkpoint>* read);

}  // namespace jalon::trail
