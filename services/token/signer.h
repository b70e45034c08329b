// Issues tokens with a key of this machine (Ed25519): for `jalon token issue`, the demonstration
// and tests. A region with an identity provider of its own trusts that one's keys instead
// (verifier.h).
#pragma once

#include <memory>
#include <string>

#include "eventstore/base/result.h"
#include "services/token/claims.h"

namespace jalon::token {

// Where the key of a data folder is. Whoever reads this file can speak for anyone.
inline std::string KeyPath(const std::string& data_folder) { return data_folder + "/token.key"; }

// Thread safety: any thread.
class Signer {
 public:
  // Reads the private key (a JWK) from the file; makes both it (mode 0600) and its public half
  // (PATH.pub, a JWK set) if there is none and `create`. NOT_FOUND TOKEN_KEY_MISSING without one.
  static Result<std::unique_ptr<Signer>> Load(const std::string& path, bool create);
  virtual ~Signer() = default;

  virtual Result<std::string> Sign(const Claims& claims, const Audience& audience) const = 0;
  // The public half, as a JWK set.
  virtual const std::string& PublicKeys() const = 0;
};

}  // namespace jalon::token
