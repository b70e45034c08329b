// Whether the root log that an export is proven to be in goes on from a checkpoint of it that
// somebody kept: by the file "root.consistency", whose proof is of that size. Where that does not
// hold, and the size is a power of two, "root.next.tlog-proof" says whether the log is another one.
//
// Thread safety: any thread.
#pragma once

#include <optional>
#include <string>

#include "eventstore/trail/verify/root_proof.h"
#include "eventstore/trail/verify/verify.h"

namespace jalon::trail {

// What is wrong; none: it goes on from there. `older` is signed, of the same root log, and is
// called `file` in a report. Where no proof shows what the log began with, a fork and a damaged
// proof look the same, and nobody is accused: kProofFails. Nor where what was kept is longer than
// what the export is proven in, which may be an older checkpoint of the log: kRootNotReached. Fails
// as VerifyExport.
Result<std::optional<Finding>> CheckRootGoesOn(const Question& question, const RootProof& root,
                                               const Checkpoint& older, const std::string& file);

}  // namespace jalon::trail
