#include "services/node/signing.h"

#include <fmt/format.h>

#include <sstream>
#include <utility>

#include "eventstore/signer/rocks/signer_folder.h"
#include "services/node/files.h"
#include "services/node/json_log.h"

namespace jalon::node {
namespace {

using eventstore::SigningKey;

std::unexpected<Error> SignerLost(const DataFolder& folder) {
  return Fail(Code::kFailedPrecondition, "SIGNER_KEY_LOST",
              fmt::format("{} is not there, but the log has entries: a new key would be another "
                          "signer of their trails. Put the folder back from its copy, key and "
                          "memory together; if it is lost for good, or this log is older than "
                          "signed trails, make one with 'jalon signer init', and tell everybody "
                          "who checks trails its public half",
                          folder.SignerKey()));
}

}  // namespace

Result<std::unique_ptr<eventstore::Signer>> OpenSigner(DataFolder& folder, bool written) {
  auto signer = eventstore::OpenSignerFolder(folder.Signer());
  if (!signer && signer.error().code == Code::kNotFound) {
    if (folder.embedded_log() == nullptr) {
      Log(Level::kInfo, "signs no trail: the deployment's signing key is not here",
          {{"key", folder.SignerKey()}});
      return nullptr;
    }
    if (written) return SignerLost(folder);
    signer = eventstore::MakeSigner(folder.Signer());
    if (signer) {
      Log(Level::kInfo, "made a new key, which signs the trails", {{"key", folder.SignerKey()}});
    }
  }
  if (!signer) return std::unexpected(std::move(signer).error());
  return std::make_unique<eventstore::Signer>(
      std::move(signer->key), std::move(signer->memory),
      [](const Error& error) { LogError("a trail is not what was signed", error); });
}

Result<std::vector<trail::VerifierKey>> ReadIssuers(const std::vector<std::string>& files) {
  std::vector<trail::VerifierKey> issuers;
  for (const std::string& file : files) {
    JALON_ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
    std::istringstream lines(text);
    size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
      ++number;
      if (line.empty() || line.front() == '#') continue;
      const auto key = trail::ParseVerifierKey(line);
      if (!key || key->type != trail::KeyType::kLog) {
        return Fail(Code::kFailedPrecondition, "TRANSFER_ISSUERS_INVALID",
                    fmt::format("{}, line {}: no verifier key; the other school's 'jalon school "
                                "transfer-key' shows the one of its deployment",
                                file, number));
      }
      issuers.push_back(*key);
    }
  }
  return issuers;
}

Result<SigningKey> MakeSignerIn(const std::string& data) {
  JALON_ASSIGN_OR_RETURN(const auto made, eventstore::MakeSigner(SignerIn(data)));
  return made.key;
}

Result<SigningKey> ForgetSignedIn(const std::string& data) {
  JALON_ASSIGN_OR_RETURN(const auto made, eventstore::ForgetSigned(SignerIn(data)));
  return made.key;
}

}  // namespace jalon::node
