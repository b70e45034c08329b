#include "eventstore/base/hash.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <cstring>
#include <memory>

#include "eventstore/base/check.h"

namespace jalon {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeDigest {
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};

// Fetched once per thread: an implicit fetch costs more than hashing a record.
struct Sha256Context {
  std::unique_ptr<EVP_MD, FreeDigest> digest{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  std::unique_ptr<EVP_MD_CTX, FreeContext> context{EVP_MD_CTX_new()};
};

}  // namespace

Hash Sha256(std::initializer_list<std::string_view> parts) {
  static thread_local Sha256Context sha;
  Hash hash;
  EVP_MD_CTX* context = sha.context.get();
  bool ok = EVP_DigestInit_ex2(context, sha.digest.get(), nullptr) == 1;
  for (std::string_view part : parts) {
    ok = ok && EVP_DigestUpdate(context, part.data(), part.size()) == 1;
  }
  ok = ok && EVP_DigestFinal_ex(context, hash.data(), nullptr) == 1;
  JALON_CHECK(ok);
  return hash;
}

Hash Sha256(std::string_view data) { return Sha256({data}); }

Hash Mac(std::string_view key, std::initializer_list<std::string_view> parts) {
  crypto_generichash_state state;
  Hash mac;
  JALON_CHECK(crypto_generichash_init(&state, reinterpret_cast<const uint8_t*>(key.data()),
                                      key.size(), mac.size()) == 0);
  for (std::string_view part : parts) {
    crypto_generichash_update(&state, reinterpret_cast<const uint8_t*>(part.data()), part.size());
  }
  crypto_generichash_final(&state, mac.data(), mac.size());
  return mac;
}

Hash HashFrom(std::string_view bytes) {
  Hash hash{};
  if (bytes.size() == hash.size()) std::memcpy(hash.data(), bytes.data(), hash.size());
  return hash;
}

std::string ToHex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

bool FromHex(std::string_view text, std::string* bytes) {
  auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  bytes->clear();
  if (text.size() % 2 != 0) return false;
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return false;
    *bytes += static_cast<char>(high << 4 | low);
  }
  return true;
}

}  // namespace jalon
