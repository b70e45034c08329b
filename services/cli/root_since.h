// That the root log goes on from a checkpoint that somebody kept: judged by what a key signed, and
// by nothing that a server says beside it.
//
// Thread safety: any thread.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/key.h"
#include "eventstore/trail/proof.h"
#include "jalon/trail/v1/trail_service.pb.h"
#include "services/cli/exit_code.h"
#include "services/cli/field.h"
#include "services/cli/words.h"

namespace jalon::cli {

// What is wrong, as `jalon verify` would say it, and what to exit with.
struct SinceFlaw {
  ExitCode code = ExitCode::kOk;
  std::string words;
};

struct KeptAndNow {
  trail::Checkpoint kept;
  trail::Checkpoint now;
  trail::Proof hashes = {};  // once CheckGoesOn took them
};

// Who signs the root log: the keys that the caller knows from elsewhere or, without one, the one
// that the server printed, whatever log it printed it for.
struct RootKeys {
  std::vector<trail::VerifierKey> given;
  std::string printed;
};

// The file that was kept, called `file`, and the checkpoint that the server shows, each a signed
// note. UNSIGNED: one of both is not by these keys, which says nothing against the log; WRONG
// ORIGIN where they are of two logs; TRUNCATED where the one kept is longer, FORKED where it is as
// long and has another root; MALFORMED.
std::expected<KeptAndNow, SinceFlaw> OpenBoth(const std::string& kept, const std::string& file,
                                              const std::string& note, const RootKeys& keys,
                                              Language language);

// Whether the proof leads from the one to the other; takes its hashes along. FORKED: it shows, or
// the server says itself, that the log began otherwise; ALTERED: it shows nothing.
std::optional<SinceFlaw> CheckGoesOn(const trail::v1::GetRootConsistencyProofResponse& proof,
                                     KeptAndNow* both, Language language);

// The hashes of a proof; none where one has not 32 bytes.
std::optional<trail::Proof> HashesOf(const trail::v1::GetRootConsistencyProofResponse& proof);

// The option by which a caller gives the root log's verifier key; again for that before a change.
Field RootKeyField(std::string name, std::vector<trail::VerifierKey>* into);

}  // namespace jalon::cli
