#include "eventstore/vault/embedded/wrap.h"

#include <sodium.h>

#include <cstring>

namespace jalon::eventstore {
namespace {

constexpr size_t kHeadBytes = 17;  // version, made_at, id
constexpr size_t kIdBytes = 8;
constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kHeadBytes + kNonceBytes + Secret::kBytes + kTagBytes == kWrappedBytes);

const uint8_t* Data(std::string_view bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

std::string Bound(std::string_view row, std::string_view head) {
  std::string data(row);
  data += head;
  return data;
}

}  // namespace

PersonKey NewKey() {
  return {.id = std::string(Secret::Random().View().substr(0, kIdBytes)),
          .secret = Secret::Random()};
}

std::string Wrap(const Secret& wrapping, std::string_view row, const PersonKey& key,
                 Micros made_at) {
  std::string value(1, '\x01');
  const auto micros = static_cast<uint64_t>(made_at.count());
  for (int i = 0; i < 8; ++i) value += static_cast<char>(micros >> (8 * i));
  value.append(key.id);
  const std::string data = Bound(row, value);
  std::string nonce(kNonceBytes, '\0');
  randombytes_buf(nonce.data(), nonce.size());
  value += nonce;
  value.resize(kWrappedBytes);
  auto* out = reinterpret_cast<uint8_t*>(value.data()) + kHeadBytes + kNonceBytes;
  crypto_aead_xchacha20poly1305_ietf_encrypt(out, nullptr, key.secret.data(), Secret::kBytes,
                                             Data(data), data.size(), nullptr, Data(nonce),
                                             wrapping.data());
  return value;
}

std::optional<WrappedKey> Unwrap(const Secret& wrapping, std::string_view row,
                                 std::string_view value) {
  if (value.size() != kWrappedBytes || value[0] != '\x01') return std::nullopt;
  const std::string data = Bound(row, value.substr(0, kHeadBytes));
  const std::string_view nonce = value.substr(kHeadBytes, kNonceBytes);
  const std::string_view box = value.substr(kHeadBytes + kNonceBytes);
  std::string clear(Secret::kBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<uint8_t*>(clear.data()), nullptr,
                                                 nullptr, Data(box), box.size(), Data(data),
                                                 data.size(), Data(nonce), wrapping.data()) != 0) {
    return std::nullopt;
  }
  WrappedKey wrapped;
  wrapped.key.id = value.substr(kHeadBytes - kIdBytes, kIdBytes);
  wrapped.key.secret = Secret::From(clear);
  wrapped.made_at = MadeAt(value);
  WipeBytes(clear.data(), clear.size());
  return wrapped;
}

Micros MadeAt(std::string_view value) {
  if (value.size() != kWrappedBytes) return {};
  uint64_t micros = 0;
  for (int i = 0; i < 8; ++i) {
    micros |= static_cast<uint64_t>(static_cast<uint8_t>(value[1 + i])) << (8 * i);
  }
  return Micros(static_cast<int64_t>(micros));
}

}  // namespace jalon::eventstore
