#include "services/api/queries/page_token.h"

#include <sodium.h>

#include "eventstore/base/archive.h"
#include "eventstore/base/check.h"

namespace jalon::api {
namespace {

constexpr char kVersion = 1;
constexpr size_t kNonceBytes = crypto_secretbox_NONCEBYTES;
constexpr size_t kTagBytes = crypto_secretbox_MACBYTES;
static_assert(crypto_secretbox_KEYBYTES == eventstore::Secret::kBytes);

const uint8_t* Data(std::string_view bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}
uint8_t* Data(std::string& bytes) { return reinterpret_cast<uint8_t*>(bytes.data()); }

}  // namespace

std::string PageTokens::Seal(const PagePlace& place) const {
  std::string clear;
  Encode(place, &clear);
  std::string nonce(kNonceBytes, '\0');
  randombytes_buf(nonce.data(), nonce.size());
  std::string box(clear.size() + kTagBytes, '\0');
  crypto_secretbox_easy(Data(box), Data(clear), clear.size(), Data(nonce), key_.data());
  std::string token = kVersion + nonce + box;
  JALON_CHECK(token.size() <= kPageTokenBytesMax);
  return token;
}

std::optional<PagePlace> PageTokens::Open(std::string_view token) const {
  if (token.size() < 1 + kNonceBytes + kTagBytes || token.size() > kPageTokenBytesMax ||
      token.front() != kVersion) {
    return std::nullopt;
  }
  const std::string_view nonce = token.substr(1, kNonceBytes);
  const std::string_view box = token.substr(1 + kNonceBytes);
  std::string clear(box.size() - kTagBytes, '\0');
  if (crypto_secretbox_open_easy(Data(clear), Data(box), box.size(), Data(nonce), key_.data()) !=
      0) {
    return std::nullopt;
  }
  std::optional<PagePlace> place(std::in_place);
  if (!Decode(clear, &*place)) return std::nullopt;
  return place;
}

}  // namespace jalon::api
