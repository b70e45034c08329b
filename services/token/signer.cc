#include "services/token/signer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "eventstore/base/hash.h"
#include "services/token/jose.h"

namespace jalon::token {
namespace {

std::unexpected<Error> BadKey(const std::string& path, std::string_view what) {
  return Fail(Code::kFailedPrecondition, "TOKEN_KEY_INVALID",
              fmt::format("{}: {}; put the right file back, or remove it to get a new key (tokens "
                          "issued with the old one then end)",
                          path, what));
}

// Creates the file; fails if it is there.
bool WriteNew(const std::string& path, std::string_view text, mode_t mode) {
  const int file = open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);
  if (file < 0) return false;
  const bool ok = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                  fsync(file) == 0;
  return close(file) == 0 && ok;
}

// Its public half decides a key's name, so that it is the same wherever it is loaded.
std::string KeyId(jwk_t* key) {
  const char* x = r_jwk_get_property_str(key, "x");
  return x == nullptr ? std::string() : ToHex(View(Sha256(x))).substr(0, 16);
}

Result<Jose<jwk_t>> MakeKey(const std::string& path) {
  Jose<jwk_t> key = NewKey();
  Jose<jwk_t> pub = NewKey();
  if (r_jwk_generate_key_pair(key.get(), pub.get(), R_KEY_TYPE_EDDSA, 256, nullptr) != RHN_OK) {
    return Fail(Code::kInternal, "TOKEN_KEY_INVALID", "no Ed25519 key could be made");
  }
  const std::string id = KeyId(pub.get());
  for (jwk_t* half : {key.get(), pub.get()}) {
    r_jwk_set_property_str(half, "kid", id.c_str());
    r_jwk_set_property_str(half, "alg", "EdDSA");
  }
  const Jose<char> private_text(r_jwk_export_to_json_str(key.get(), 0));
  const Jose<char> public_text(r_jwk_export_to_json_str(pub.get(), 0));
  if (!WriteNew(path, private_text.get(), 0600) ||
      !WriteNew(path + ".pub", fmt::format("{{\"keys\":[{}]}}", public_text.get()), 0644)) {
    return Fail(
        Code::kInternal, "TOKEN_KEY_NOT_WRITTEN",
        fmt::format("{}: {}; check that its folder is there and is writable, and that no {}.pub is",
                    path, std::strerror(errno), path));
  }
  return key;
}

Result<Jose<jwk_t>> ReadKey(const std::string& path) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0) return BadKey(path, std::strerror(errno));
  if ((info.st_mode & 077) != 0) return BadKey(path, "others may read it: chmod 600 it");
  std::ifstream in(path);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  Jose<jwk_t> key = NewKey();
  if (r_jwk_import_from_json_str(key.get(), text.c_str()) != RHN_OK ||
      (r_jwk_key_type(key.get(), nullptr, 0) & R_KEY_TYPE_EDDSA) == 0 ||
      (r_jwk_key_type(key.get(), nullptr, 0) & R_KEY_TYPE_PRIVATE) == 0) {
    return BadKey(path, "it holds no private Ed25519 key as a JWK");
  }
  return key;
}

void SetId(jwt_t* token, const char* claim, const Bytes& id) {
  if (!id.empty()) r_jwt_set_claim_str_value(token, claim, ToHex(id).c_str());
}

class LocalSigner final : public Signer {
 public:
  LocalSigner(Jose<jwk_t> key, std::string public_keys)
      : key_(std::move(key)), public_keys_(std::move(public_keys)) {}

  Result<std::string> Sign(const Claims& claims, const Audience& audience) const override {
    const Jose<jwt_t> token = NewToken();
    const domain::Principal& who = claims.principal;
    r_jwt_set_sign_alg(token.get(), R_JWA_ALG_EDDSA);
    r_jwt_set_header_str_value(token.get(), "kid", r_jwk_get_property_str(key_.get(), "kid"));
    r_jwt_set_claim_str_value(token.get(), "iss", audience.issuer.c_str());
    r_jwt_set_claim_str_value(token.get(), "aud", audience.audience.c_str());
    r_jwt_set_claim_int_value(token.get(), "nbf", claims.not_before.count());
    r_jwt_set_claim_int_value(token.get(), "exp", claims.expires.count());
    r_jwt_set_claim_str_value(token.get(), "role", RoleWord(who.role).c_str());
    SetId(token.get(), "sub", who.person_id);
    SetId(token.get(), "school", who.school_id);
    SetId(token.get(), "company", who.company_id);
    if (!who.modules.empty()) {
      const Jose<json_t> modules(json_array());
      for (const std::string& module : who.modules) {
        json_array_append_new(modules.get(), json_stringn(module.data(), module.size()));
      }
      r_jwt_set_claim_json_t_value(token.get(), "modules", modules.get());
    }
    const Jose<char> text(r_jwt_serialize_signed(token.get(), key_.get(), 0));
    if (text == nullptr || std::strlen(text.get()) > kTokenBytesMax) {
      return Fail(Code::kInvalidArgument, "TOO_LARGE",
                  "the token would be too large: name fewer modules");
    }
    return std::string(text.get());
  }

  const std::string& PublicKeys() const override { return public_keys_; }

 private:
  const Jose<jwk_t> key_;
  const std::string public_keys_;
};

// The public half alone.
std::string PublicSet(jwk_t* key) {
  const Jose<jwk_t> pub = NewKey();
  for (const char* property : {"kty", "crv", "x", "kid", "alg"}) {
    const char* value = r_jwk_get_property_str(key, property);
    if (value != nullptr) r_jwk_set_property_str(pub.get(), property, value);
  }
  const Jose<char> text(r_jwk_export_to_json_str(pub.get(), 0));
  return fmt::format("{{\"keys\":[{}]}}", text.get());
}

}  // namespace

Result<std::unique_ptr<Signer>> Signer::Load(const std::string& path, bool create) {
  const bool there = access(path.c_str(), F_OK) == 0;
  if (!there && !create) {
    return Fail(Code::kNotFound, "TOKEN_KEY_MISSING",
                fmt::format("{} is not there: start the server once with this data folder, which "
                            "makes it",
                            path));
  }
  JALON_ASSIGN_OR_RETURN(Jose<jwk_t> key, there ? ReadKey(path) : MakeKey(path));
  std::string public_keys = PublicSet(key.get());
  return std::make_unique<LocalSigner>(std::move(key), std::move(public_keys));
}

}  // namespace jalon::token
