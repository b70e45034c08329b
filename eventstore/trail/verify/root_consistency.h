// Whether the root log that an export is proven to be in goes on from a checkpoint of it that
// somebody kept: by the file "root.consistency", whose proof is of that size.
//
// Thread safety: any thread.
#pragma once

#include <optional>
#include <string>

#include "eventstore/trail/verify/root_proof.h"
#include "eventstore/trail/verify/verify.h"

namespace jalon::trail {

// What is wrong; none: it goes on from there. `older` is signed, of the same root log, and is
// called `file` in a report. Where its size is a power of two, of which a proof does not hold the
// root, a fork and a damaged proof look the same, and nobody is accused: kProofFails. Fails as
// VerifyExport.
Result<std::optional<Finding>> CheckRootGoesOn(const Question& question, const RootProof& root,
                                               const Checkpoint& older, const std::string& file);

}  // namespace jalon::trail
