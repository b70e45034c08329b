// Says who a bearer token speaks for, or that it does not count.
//
// Three steps, always all of them, in this order: the characters and the header (the algorithm
// pinned for the key named, nothing critical that we do not know); the signature under that key;
// the claims. A JOSE library alone takes tokens for good that fail one of them
// (tests/testdata of this folder's test: the table of known forgeries).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "services/token/claims.h"

namespace jalon::token {

// Thread safety: every call may come from any thread.
class Verifier {
 public:
  // `key_sets`: JWK sets of public keys as JSON. Each key names itself (kid) and its algorithm
  // (alg: EdDSA or RS256): a token that names the key must be signed so. `clock` gives the real
  // time, whatever clock the rest runs on, and must outlive the verifier.
  static Result<std::unique_ptr<Verifier>> Make(const std::vector<std::string>& key_sets,
                                                Audience audience, const Clock& clock);
  virtual ~Verifier() = default;

  // UNAUTHENTICATED, the same for every way in which a token is wrong: whoever holds a wrong one
  // learns nothing. `why` is for a test.
  virtual Result<Claims> Verify(std::string_view token, std::string* why = nullptr) const = 0;
};

}  // namespace jalon::token
