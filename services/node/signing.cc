#include "services/node/signing.h"

#include <utility>

#include "eventstore/signer/rocks/rocks_signer_memory.h"
#include "services/node/json_log.h"

namespace jalon::node {

Result<std::unique_ptr<eventstore::Signer>> OpenSigner(DataFolder& folder) {
  const std::string path = folder.SignerKey();
  auto key = eventstore::LoadSigningKey(path);
  if (!key && key.error().code == Code::kNotFound) {
    if (folder.embedded_log() == nullptr) {
      Log(Level::kInfo, "signs no trail: the deployment's signing key is not here",
          {{"key", path}});
      return nullptr;
    }
    key = eventstore::SigningKey::Random();
    JALON_RETURN_IF_ERROR(eventstore::CreateSigningKey(path, *key));
    Log(Level::kInfo, "made a new key, which signs the trails", {{"key", path}});
  }
  if (!key) return std::unexpected(std::move(key).error());
  JALON_ASSIGN_OR_RETURN(auto memory, eventstore::OpenRocksSignerMemory(folder.SignerMemory()));
  return std::make_unique<eventstore::Signer>(
      *std::move(key), std::move(memory),
      [](const Error& error) { LogError("a trail is not what was signed", error); });
}

}  // namespace jalon::node
