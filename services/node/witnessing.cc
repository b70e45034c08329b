#include "services/node/witnessing.h"

#include <fmt/format.h>

#include <utility>

#include "eventstore/trail/origin.h"
#include "eventstore/trail/policy.h"
#include "services/node/files.h"
#include "services/node/json_log.h"

namespace jalon::node {
namespace {

using eventstore::Cosignatures;
using trail::Flaw;

std::string WordsOf(const trail::PolicyFlaw& flaw) {
  switch (flaw.flaw) {
    case Flaw::kPolicyQuorum:
      return "names no quorum: add a line 'quorum NAME', or 'quorum none'";
    case Flaw::kNoLastNewline:
      return "its last line has no newline: add it";
    case Flaw::kPolicyKeyTwice:
      return fmt::format("line {} names a public key that stands before it: leave it out",
                         flaw.line);
    case Flaw::kPolicyControlCharacter:
      return fmt::format("line {} holds a control character, such as CR: save it with LF alone",
                         flaw.line);
    default:
      return fmt::format(
          "line {} is none of a policy (C2SP tlog-policy): 'witness NAME "
          "VERIFIER_KEY [URL]', 'group NAME N MEMBER...', 'quorum NAME'",
          flaw.line);
  }
}

}  // namespace

Result<std::unique_ptr<Cosignatures>> OpenCosignatures(const Config& config,
                                                       const DataFolder& folder,
                                                       const eventstore::Signer* signer,
                                                       uint32_t generation) {
  if (config.witnesses.empty()) return nullptr;
  JALON_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(config.witnesses));
  auto policy = trail::ParsePolicy(bytes);
  if (!policy) {
    return Fail(Code::kFailedPrecondition, "WITNESSES_UNREADABLE",
                fmt::format("{}: {}", config.witnesses, WordsOf(policy.error())));
  }
  if (signer == nullptr) {
    Log(Level::kInfo, "keeps nothing that witnesses sign: it does not sign itself",
        {{"witnesses", config.witnesses}});
    return nullptr;
  }
  return Cosignatures::Open(
      {.folder = folder.Cosigned(),
       .policy = *std::move(policy),
       .log = signer->VerifierOf(trail::RootOrigin(folder.birth().cluster_id, generation))});
}

}  // namespace jalon::node
