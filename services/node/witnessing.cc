#include "services/node/witnessing.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

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
      return "names no quorum: add a line 'quorum NAME'";
    case Flaw::kNoLastNewline:
      return "its last line has no newline: add it";
    case Flaw::kPolicyKeyTwice:
      return fmt::format("line {} names a public key that stands before it: leave it out",
                         flaw.line);
    case Flaw::kPolicyKeyType:
      return fmt::format(
          "line {} names a key of a type that is not read here, and whose word would never count: "
          "ask the witness for one of type 0x04 (Ed25519), or leave the line out",
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
  const std::string origin = trail::RootOrigin(folder.birth().cluster_id, generation);
  const eventstore::SigningKeys& keys = signer->keys();
  std::vector<trail::VerifierKey> logs = {keys.now.VerifierOf(origin)};
  if (keys.before) logs.push_back(keys.before->VerifierOf(origin));
  JALON_ASSIGN_OR_RETURN(auto opened, Cosignatures::Open({.folder = folder.Cosigned(generation),
                                                          .forked = folder.Forked(generation),
                                                          .policy = *std::move(policy),
                                                          .logs = std::move(logs)}));
  for (const uint64_t size : opened->left()) {
    Log(Level::kInfo,
        "keeps what witnesses signed, and does not serve it: it is not by a key of today's, or by "
        "no witness of today's policy",
        {{"folder", folder.Cosigned(generation)}, {"size", size}});
  }
  return opened;
}

}  // namespace jalon::node
