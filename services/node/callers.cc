#include "services/node/callers.h"

#include <string>
#include <utility>
#include <vector>

#include "services/api/queries/access_note.h"
#include "services/node/files.h"
#include "services/node/json_log.h"
#include "services/token/signer.h"

namespace jalon::node {

Result<std::unique_ptr<Callers>> Callers::Open(const Config& config, const DataFolder& folder,
                                               const Clock& real_clock) {
  std::unique_ptr<Callers> callers(new Callers());
  JALON_ASSIGN_OR_RETURN(
      callers->access_,
      access::AccessLog::Open(
          {.folder = folder.Access(), .clock = real_clock, .on_fault = [](const Error& error) {
             LogError("the access log takes no entry: nothing personal is read", error);
           }}));
  JALON_ASSIGN_OR_RETURN(const auto signer, token::Signer::Load(folder.TokenKey(), true));
  std::vector<std::string> key_sets = {signer->PublicKeys()};
  for (const std::string& file : config.token_keys) {
    JALON_ASSIGN_OR_RETURN(std::string keys, ReadFile(file));
    key_sets.push_back(std::move(keys));
  }
  JALON_ASSIGN_OR_RETURN(
      callers->verifier_,
      token::Verifier::Make(key_sets, {config.token_issuer, config.token_audience}, real_clock));
  callers->tokens_ = std::make_unique<token::Cache>(
      *callers->verifier_, real_clock, [&log = *callers->access_](const token::Claims& claims) {
        log.Note(api::EntryOf(access::v1::ACCESS_KIND_CREDENTIAL, {.who = &claims.principal}));
      });
  return callers;
}

}  // namespace jalon::node
