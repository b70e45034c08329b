// Bearer tokens: whatever comes in the header is no token of ours unless our key signed it.
#include "services/token/verifier.h"

#include <unistd.h>

#include <filesystem>

#include "eventstore/base/clock.h"
#include "services/token/signer.h"
#include "tests/fuzz/fuzz.h"

namespace jalon::fuzz {
namespace {

// A key of this run, and the one token that it signed.
struct Issued {
  SystemClock clock;
  std::unique_ptr<token::Signer> signer;
  std::unique_ptr<token::Verifier> verifier;
  std::string token;

  Issued() {
    const std::string folder =
        std::filesystem::temp_directory_path() / ("jalon-fuzz-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    auto loaded = token::Signer::Load(token::KeyPath(folder), true);
    std::filesystem::remove_all(folder);
    JALON_CHECK(loaded.has_value());
    signer = std::move(*loaded);
    auto made = token::Verifier::Make({signer->PublicKeys()}, {}, clock);
    JALON_CHECK(made.has_value());
    verifier = std::move(*made);
    token::Claims claims;
    claims.principal.role = type::v1::ROLE_TEACHER;
    claims.principal.person_id = "teacher1";
    claims.principal.school_id = "school-16-bytes!";
    const auto now = std::chrono::duration_cast<token::Seconds>(clock.Wall());
    claims.not_before = now;
    claims.expires = now + std::chrono::hours(24 * 365);
    const auto signed_token = signer->Sign(claims, {});
    JALON_CHECK(signed_token.has_value());
    token = *signed_token;
    JALON_CHECK(verifier->Verify(token).has_value());
  }
};

const Issued& TheToken() {
  static const Issued issued;
  return issued;
}

}  // namespace

void Run(std::string_view input) {
  const auto claims = TheToken().verifier->Verify(input);
  if (claims) JALON_CHECK(input == TheToken().token);
}

std::vector<std::string> Seeds() { return {TheToken().token, "eyJhbGciOiJub25lIn0.e30.", "a.b.c"}; }

}  // namespace jalon::fuzz
