#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <functional>

#include "eventstore/base/hash.h"
#include "services/token/cache.h"
#include "services/token/jose.h"
#include "services/token/signer.h"
#include "services/token/verifier.h"

namespace jalon::token {
namespace {

const Seconds kNow{1'780'000'000};
const Audience kAudience{.issuer = "jalon-test", .audience = "jalon"};

Claims Maude() {
  Claims claims;
  claims.principal = {.person_id = std::string(8, '\x11'),
                      .role = type::v1::ROLE_TEACHER,
                      .school_id = std::string(16, '\x22'),
                      .company_id = {},
                      .modules = {"850-568", "850-573"}};
  claims.not_before = kNow;
  claims.expires = kNow + Seconds(600);
  return claims;
}

// One RSA key for all tests: making one takes a while.
struct RsaPair {
  Jose<jwk_t> priv = NewKey();
  Jose<jwk_t> pub = NewKey();
  RsaPair() {
    r_jwk_generate_key_pair(priv.get(), pub.get(), R_KEY_TYPE_RSA, 2048, "rsa");
    for (jwk_t* key : {priv.get(), pub.get()}) r_jwk_set_property_str(key, "alg", "RS256");
  }
};
const RsaPair& Rsa() {
  static const RsaPair kPair;
  return kPair;
}

class TokenTest : public testing::Test {
 protected:
  TokenTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "/token_" + info->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    signer_ = std::move(*Signer::Load(folder_ + "/token.jwk", true));
    const Jose<char> rsa(r_jwk_export_to_json_str(Rsa().pub.get(), 0));
    verifier_ = std::move(
        *Verifier::Make({signer_->PublicKeys(), R"({"keys":[)" + std::string(rsa.get()) + "]}"},
                        kAudience, clock_));
  }
  ~TokenTest() override { std::filesystem::remove_all(folder_); }

  // Why the token does not count; empty if it does.
  std::string Fault(const std::string& token) {
    std::string why;
    const auto claims = verifier_->Verify(token, &why);
    EXPECT_EQ(claims.has_value(), why.empty());
    if (!claims) {
      EXPECT_EQ(claims.error().code, Code::kUnauthenticated);
      EXPECT_EQ(claims.error().message, verifier_->Verify("").error().message);
    }
    return why;
  }

  // A token that counts, but for what `change` does to it, signed with the RSA key.
  std::string Rs256(const std::function<void(jwt_t*)>& change, jwa_alg alg = R_JWA_ALG_RS256,
                    jwk_t* key = Rsa().priv.get()) {
    const Jose<jwt_t> token = NewToken();
    r_jwt_set_sign_alg(token.get(), alg);
    r_jwt_set_header_str_value(token.get(), "kid", "rsa");
    r_jwt_set_claim_str_value(token.get(), "iss", "jalon-test");
    r_jwt_set_claim_str_value(token.get(), "aud", "jalon");
    r_jwt_set_claim_int_value(token.get(), "exp", (kNow + Seconds(600)).count());
    r_jwt_set_claim_int_value(token.get(), "nbf", kNow.count());
    r_jwt_set_claim_str_value(token.get(), "role", "teacher");
    r_jwt_set_claim_str_value(token.get(), "sub", "1111111111111111");
    r_jwt_set_claim_str_value(token.get(), "school", "22222222222222222222222222222222");
    change(token.get());
    const Jose<char> text(r_jwt_serialize_signed(token.get(), key, 0));
    EXPECT_NE(text.get(), nullptr);
    return text == nullptr ? "" : text.get();
  }
  static void Nothing(jwt_t*) {}

  ManualClock clock_{Micros(kNow)};
  std::string folder_;
  std::unique_ptr<Signer> signer_;
  std::unique_ptr<Verifier> verifier_;
};

TEST_F(TokenTest, SaysWhatWasSigned) {
  const auto token = signer_->Sign(Maude(), kAudience);
  ASSERT_TRUE(token);
  const auto claims = verifier_->Verify(*token);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->principal.person_id, Maude().principal.person_id);
  EXPECT_EQ(claims->principal.role, type::v1::ROLE_TEACHER);
  EXPECT_EQ(claims->principal.school_id, Maude().principal.school_id);
  EXPECT_EQ(claims->principal.modules, Maude().principal.modules);
  EXPECT_EQ(claims->expires, Maude().expires);
}

TEST_F(TokenTest, AnotherIssuersRs256TokenCounts) {
  EXPECT_EQ(Fault(Rs256(Nothing)), "");
  EXPECT_EQ(Fault(Rs256([](jwt_t* token) {
              const Jose<json_t> audiences(json_pack("[ss]", "others", "jalon"));
              r_jwt_set_claim_json_t_value(token, "aud", audiences.get());
            })),
            "")
      << "an audience among several";
}

TEST_F(TokenTest, TheKeyIsMadeOnceForItsOwnerOnly) {
  struct stat info{};
  ASSERT_EQ(stat((folder_ + "/token.jwk").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  const auto again = Signer::Load(folder_ + "/token.jwk", false);
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->PublicKeys(), signer_->PublicKeys());
  EXPECT_EQ(signer_->PublicKeys().find("\"d\""), std::string::npos);
  EXPECT_EQ(Signer::Load(folder_ + "/none", false).error().reason, "TOKEN_KEY_MISSING");
  ASSERT_EQ(chmod((folder_ + "/token.jwk").c_str(), 0644), 0);
  EXPECT_EQ(Signer::Load(folder_ + "/token.jwk", false).error().reason, "TOKEN_KEY_INVALID");
}

// The table of known forgeries: each was taken for good by some library.

TEST_F(TokenTest, RefusesAMacMadeWithThePublicKey) {
  unsigned char pem[2048];
  size_t size = sizeof(pem);
  ASSERT_EQ(r_jwk_export_to_pem_der(Rsa().pub.get(), R_FORMAT_PEM, pem, &size, 0), RHN_OK);
  const Jose<jwk_t> mac = NewKey();
  ASSERT_EQ(r_jwk_import_from_symmetric_key(mac.get(), pem, size), RHN_OK);
  EXPECT_EQ(Fault(Rs256(Nothing, R_JWA_ALG_HS256, mac.get())), "alg");
}

TEST_F(TokenTest, RefusesTokensWithoutSignature) {
  const std::string whole = Rs256(Nothing);
  const std::string claims = whole.substr(whole.find('.'), whole.rfind('.') - whole.find('.'));
  // {"alg":"none","kid":"rsa"} and {"alg":"None","kid":"rsa"}
  for (const std::string header :
       {"eyJhbGciOiJub25lIiwia2lkIjoicnNhIn0", "eyJhbGciOiJOb25lIiwia2lkIjoicnNhIn0"}) {
    EXPECT_NE(Fault(header + claims + "."), "");
    EXPECT_NE(Fault(header + whole.substr(whole.find('.'))), "");
  }
}

TEST_F(TokenTest, RefusesAKeyThatTheTokenBrings) {
  const RsaPair attacker;
  const Jose<json_t> pub(r_jwk_export_to_json_t(attacker.pub.get()));
  const auto bring = [&](jwt_t* token) { r_jwt_set_header_json_t_value(token, "jwk", pub.get()); };
  EXPECT_EQ(Fault(Rs256(bring, R_JWA_ALG_RS256, attacker.priv.get())), "signature");
}

TEST_F(TokenTest, RefusesAnotherKeyAndAnUnknownOne) {
  const RsaPair attacker;
  EXPECT_EQ(Fault(Rs256(Nothing, R_JWA_ALG_RS256, attacker.priv.get())), "signature");
  EXPECT_EQ(Fault(Rs256([](jwt_t* token) { r_jwt_set_header_str_value(token, "kid", "other"); })),
            "kid");
}

TEST_F(TokenTest, RefusesAnAlgorithmOtherThanTheKeysOwn) {
  EXPECT_EQ(Fault(Rs256(Nothing, R_JWA_ALG_RS512)), "alg");
  EXPECT_EQ(Fault(Rs256(Nothing, R_JWA_ALG_PS256)), "alg");
}

TEST_F(TokenTest, RefusesWrongTimes) {
  const auto claim = [](const char* name, int64_t value) {
    return [=](jwt_t* token) { r_jwt_set_claim_int_value(token, name, value); };
  };
  EXPECT_EQ(Fault(Rs256(claim("exp", (kNow - kSkew).count()))), "exp");
  EXPECT_EQ(Fault(Rs256(claim("exp", (kNow - kSkew).count() + 1))), "");
  EXPECT_EQ(Fault(Rs256(claim("nbf", (kNow + kSkew).count() + 1))), "nbf");
  EXPECT_EQ(Fault(Rs256([](jwt_t* token) { r_jwt_set_claim_str_value(token, "exp", "never"); })),
            "exp");
  EXPECT_EQ(Fault(Rs256([](jwt_t* token) { r_jwt_set_claim_json_t_value(token, "exp", nullptr); })),
            "exp");
}

TEST_F(TokenTest, RefusesWrongParties) {
  const auto claim = [](const char* name, const char* value) {
    return [=](jwt_t* token) { r_jwt_set_claim_str_value(token, name, value); };
  };
  EXPECT_EQ(Fault(Rs256(claim("iss", "somebody"))), "iss");
  EXPECT_EQ(Fault(Rs256(claim("aud", "others"))), "aud");
  EXPECT_EQ(Fault(Rs256(claim("role", "headmaster"))), "principal");
  EXPECT_EQ(Fault(Rs256(claim("sub", "11"))), "principal");
  EXPECT_EQ(Fault(Rs256(claim("school", "xyz"))), "principal");
  EXPECT_EQ(Fault(Rs256(claim("company", "3333333333333333"))), "principal")
      << "a teacher acts for no company";
  EXPECT_EQ(Fault(Rs256(claim("role", "workplace_tutor"))), "principal") << "a tutor acts for one";
  EXPECT_EQ(
      Fault(Rs256([](jwt_t* token) { r_jwt_set_claim_json_t_value(token, "school", nullptr); })),
      "principal")
      << "a teacher teaches at one school";
  EXPECT_EQ(Fault(Rs256(claim("role", "region_coordinator"))), "")
      << "a region's token may be bound to one school";
}

TEST_F(TokenTest, RefusesWhatItMustUnderstandAndDoesNot) {
  EXPECT_EQ(Fault(Rs256([](jwt_t* token) {
              const Jose<json_t> names(json_pack("[s]", "exp"));
              r_jwt_set_header_json_t_value(token, "crit", names.get());
            })),
            "crit");
}

TEST_F(TokenTest, RefusesOtherForms) {
  const std::string whole = Rs256(Nothing);
  EXPECT_EQ(Fault(whole + "="), "characters");
  EXPECT_EQ(Fault(whole + ".AAAA"), "characters");
  EXPECT_EQ(Fault(whole + "\n"), "characters");
  EXPECT_EQ(Fault(""), "characters");
  EXPECT_EQ(Fault(".."), "form");
  EXPECT_EQ(Fault(std::string(kTokenBytesMax + 1, 'A')), "characters");
  for (size_t at = 0; at < whole.size(); at += 7) {
    std::string changed = whole;
    changed[at] = changed[at] == 'B' ? 'C' : 'B';
    EXPECT_NE(Fault(changed), "") << "character " << at;
  }
}

TEST_F(TokenTest, TheCacheEndsWithTheToken) {
  Cache cache(*verifier_, clock_);
  const std::string token = *signer_->Sign(Maude(), kAudience);
  const auto first = cache.Find(token);
  ASSERT_TRUE(first);
  EXPECT_EQ(cache.Find(token)->get(), first->get()) << "verified once";
  EXPECT_FALSE(cache.Find(token + "A"));
  clock_.Advance(Seconds(600) + kSkew);
  EXPECT_FALSE(cache.Find(token));
}

TEST(RoleWordTest, GoesThereAndBack) {
  for (int number = type::v1::Role_MIN + 1; number <= type::v1::Role_MAX; ++number) {
    const auto role = static_cast<type::v1::Role>(number);
    EXPECT_EQ(RoleOfWord(RoleWord(role)), role);
  }
  EXPECT_EQ(RoleWord(type::v1::ROLE_TEACHER), "teacher");
  EXPECT_EQ(RoleOfWord("TEACHER"), type::v1::ROLE_UNSPECIFIED);
  EXPECT_EQ(RoleOfWord("unspecified"), type::v1::ROLE_UNSPECIFIED);
  EXPECT_EQ(RoleOfWord(""), type::v1::ROLE_UNSPECIFIED);
}

}  // namespace
}  // namespace jalon::token
