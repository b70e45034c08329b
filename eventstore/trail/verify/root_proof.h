// An export's proof that its checkpoint was published in the root log: the log of all trails of a
// deployment, which witnesses watch.
//
// Thread safety: any thread.
#pragma once

#include <optional>
#include <string>

#include "eventstore/trail/verify/signed_checkpoint.h"
#include "eventstore/trail/verify/verify.h"

namespace jalon::trail {

struct RootProof {
  SignedCheckpoint opened;
  std::string note;  // the checkpoint as it stands there
};

// The root log's checkpoint that the proof leads to; none where there is no proof, where nobody
// gave its key, or where something is wrong, which the report then says. Fails as VerifyExport.
Result<std::optional<RootProof>> CheckRootProof(const Question& question,
                                                const Checkpoint& exported, Report* report);

}  // namespace jalon::trail
