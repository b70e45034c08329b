#include "services/node/issuers.h"

#include <fmt/format.h>

#include <sstream>

#include "services/api/transfer/transfer.h"
#include "services/node/files.h"

namespace jalon::node {

Result<std::vector<trail::VerifierKey>> ReadIssuers(const std::vector<std::string>& files,
                                                    std::string_view deployment) {
  std::vector<trail::VerifierKey> issuers;
  for (const std::string& file : files) {
    JALON_ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
    std::istringstream lines(text);
    size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
      ++number;
      if (line.empty() || line.front() == '#') continue;
      const auto invalid = [&](std::string_view why) {
        return Fail(Code::kFailedPrecondition, "TRANSFER_ISSUERS_INVALID",
                    fmt::format("{}, line {}: {}", file, number, why));
      };
      const auto key = trail::ParseVerifierKey(line);
      if (!key || key->type != trail::KeyType::kLog || !transfer::IsIssuerName(key->name)) {
        return invalid(
            "no verifier key of a deployment's transfers; the other school's 'jalon school "
            "transfer-key' shows the one of its deployment");
      }
      if (key->name == transfer::IssuerName(deployment)) {
        return invalid("the name of this deployment itself, whose keys are trusted anyway");
      }
      issuers.push_back(*key);
    }
  }
  return issuers;
}

}  // namespace jalon::node
