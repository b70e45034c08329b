#include "services/token/verifier.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "eventstore/base/hash.h"
#include "eventstore/base/mutex.h"
#include "services/token/jose.h"

namespace jalon::token {
namespace {

constexpr size_t kPersonIdBytes = 8;
constexpr size_t kSchoolIdBytes = 16;
constexpr size_t kCompanyIdBytes = 8;
constexpr size_t kModulesMax = 200;

struct TrustedKey {
  Jose<jwk_t> key;
  std::string algorithm;
};

bool IsBase64UrlOrDot(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

// Empty unless it is a string.
std::string_view Text(json_t* object, const char* name) {
  const char* text = json_string_value(json_object_get(object, name));
  return text == nullptr ? std::string_view() : std::string_view(text);
}

std::optional<int64_t> Number(json_t* object, const char* name) {
  json_t* value = json_object_get(object, name);
  if (!json_is_integer(value)) return std::nullopt;
  return json_integer_value(value);
}

// `aud` is a string, or an array that holds ours.
bool IsFor(json_t* claims, const std::string& audience) {
  json_t* value = json_object_get(claims, "aud");
  if (!json_is_array(value)) return Text(claims, "aud") == audience;
  for (size_t i = 0; i < json_array_size(value); ++i) {
    const char* one = json_string_value(json_array_get(value, i));
    if (one != nullptr && audience == one) return true;
  }
  return false;
}

// An id claim: absent, or hexadecimal of that many bytes.
bool ReadId(json_t* claims, const char* name, size_t bytes, Bytes* id) {
  json_t* value = json_object_get(claims, name);
  if (value == nullptr) return true;
  return json_is_string(value) && FromHex(json_string_value(value), id) && id->size() == bytes;
}

bool ReadModules(json_t* claims, std::vector<std::string>* modules) {
  json_t* value = json_object_get(claims, "modules");
  if (value == nullptr) return true;
  if (!json_is_array(value) || json_array_size(value) > kModulesMax) return false;
  for (size_t i = 0; i < json_array_size(value); ++i) {
    const char* module = json_string_value(json_array_get(value, i));
    if (module == nullptr) return false;
    modules->emplace_back(module);
  }
  return true;
}

// Only a region's coordinator, auditor or analyst may speak for more than one school (a token that
// names one is bound to it all the same); company roles act for one company.
bool IsWhole(const domain::Principal& who) {
  const bool spans_schools = who.role == type::v1::ROLE_REGION_COORDINATOR ||
                             who.role == type::v1::ROLE_AUDITOR ||
                             who.role == type::v1::ROLE_ANALYST;
  if (who.role == type::v1::ROLE_UNSPECIFIED) return false;
  if (who.school_id.empty() && !spans_schools) return false;
  if (who.person_id.empty() && who.role != type::v1::ROLE_REGION_COORDINATOR) return false;
  return who.company_id.empty() != who.IsCompany();
}

class JoseVerifier final : public Verifier {
 public:
  JoseVerifier(std::map<std::string, TrustedKey, std::less<>> keys, Audience audience,
               const Clock& clock)
      : keys_(std::move(keys)), audience_(std::move(audience)), clock_(clock) {}

  Result<Claims> Verify(std::string_view token, std::string* why) const override {
    std::string fault;
    std::optional<Claims> claims = Check(token, &fault);
    if (why != nullptr) *why = fault;
    if (claims) return std::move(*claims);
    return Fail(Code::kUnauthenticated, "UNAUTHENTICATED",
                "the bearer token does not count: get a new one (jalon token issue)");
  }

 private:
  std::optional<Claims> Check(std::string_view token, std::string* fault) const {
    const auto wrong = [fault](const char* what) {
      *fault = what;
      return std::nullopt;
    };
    if (token.size() > kTokenBytesMax || std::ranges::count(token, '.') != 2 ||
        !std::ranges::all_of(token, IsBase64UrlOrDot)) {
      return wrong("characters");
    }
    MutexLock lock(mutex_);  // librhonabwy says nothing of threads; verified tokens are cached
    const Jose<jwt_t> parsed = NewToken();
    if (r_jwt_advanced_parsen(parsed.get(), token.data(), token.size(), R_PARSE_NONE, 0) !=
        RHN_OK) {
      return wrong("form");
    }
    const Jose<json_t> header(r_jwt_get_full_header_json_t(parsed.get()));
    if (json_object_get(header.get(), "crit") != nullptr) return wrong("crit");
    const auto key = keys_.find(Text(header.get(), "kid"));
    if (key == keys_.end()) return wrong("kid");
    if (Text(header.get(), "alg") != key->second.algorithm) return wrong("alg");
    if (r_jwt_verify_signature(parsed.get(), key->second.key.get(), 0) != RHN_OK) {
      return wrong("signature");
    }
    const Jose<json_t> claims(r_jwt_get_full_claims_json_t(parsed.get()));
    return Read(claims.get(), fault);
  }

  std::optional<Claims> Read(json_t* json, std::string* fault) const {
    const auto wrong = [fault](const char* what) {
      *fault = what;
      return std::nullopt;
    };
    const auto now = std::chrono::duration_cast<Seconds>(clock_.Wall());
    const std::optional<int64_t> expires = Number(json, "exp");
    const std::optional<int64_t> not_before = Number(json, "nbf");
    if (Text(json, "iss") != audience_.issuer) return wrong("iss");
    if (!IsFor(json, audience_.audience)) return wrong("aud");
    if (!expires || Seconds(*expires) + kSkew <= now) return wrong("exp");
    if (!not_before || Seconds(*not_before) - kSkew > now) return wrong("nbf");
    Claims claims{
        .principal = {}, .not_before = Seconds(*not_before), .expires = Seconds(*expires)};
    domain::Principal& who = claims.principal;
    who.role = RoleOfWord(Text(json, "role"));
    if (!ReadId(json, "sub", kPersonIdBytes, &who.person_id) ||
        !ReadId(json, "school", kSchoolIdBytes, &who.school_id) ||
        !ReadId(json, "company", kCompanyIdBytes, &who.company_id) ||
        !ReadModules(json, &who.modules) || !IsWhole(who)) {
      return wrong("principal");
    }
    return claims;
  }

  const std::map<std::string, TrustedKey, std::less<>> keys_;
  const Audience audience_;
  const Clock& clock_;
  mutable Mutex mutex_;
};

std::unexpected<Error> BadSet(std::string_view what) {
  return Fail(Code::kFailedPrecondition, "TOKEN_KEY_INVALID",
              "a set of trusted token keys " + std::string(what) +
                  ": give JWK sets whose keys each have kid, and alg EdDSA or RS256");
}

bool Fits(jwk_t* key, std::string_view algorithm) {
  const int type = r_jwk_key_type(key, nullptr, 0);
  if ((type & R_KEY_TYPE_SYMMETRIC) != 0) return false;
  return algorithm == "EdDSA"   ? (type & R_KEY_TYPE_EDDSA) != 0
         : algorithm == "RS256" ? (type & R_KEY_TYPE_RSA) != 0
                                : false;
}

}  // namespace

Result<std::unique_ptr<Verifier>> Verifier::Make(const std::vector<std::string>& key_sets,
                                                 Audience audience, const Clock& clock) {
  std::map<std::string, TrustedKey, std::less<>> keys;
  for (const std::string& text : key_sets) {
    jwks_t* raw = nullptr;
    r_jwks_init(&raw);
    const Jose<jwks_t> set(raw);
    if (r_jwks_import_from_json_str(set.get(), text.c_str()) != RHN_OK) {
      return BadSet("cannot be read");
    }
    for (size_t i = 0; i < r_jwks_size(set.get()); ++i) {
      Jose<jwk_t> key(r_jwks_get_at(set.get(), i));
      const char* id = r_jwk_get_property_str(key.get(), "kid");
      const char* algorithm = r_jwk_get_property_str(key.get(), "alg");
      if (id == nullptr || algorithm == nullptr || !Fits(key.get(), algorithm)) {
        return BadSet("holds a key that cannot be used");
      }
      std::string pinned = algorithm;
      if (!keys.try_emplace(id, TrustedKey{std::move(key), std::move(pinned)}).second) {
        return BadSet("has two keys of one name");
      }
    }
  }
  return std::make_unique<JoseVerifier>(std::move(keys), std::move(audience), clock);
}

}  // namespace jalon::token
