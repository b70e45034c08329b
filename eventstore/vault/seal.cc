#include "eventstore/vault/seal.h"

#include <sodium.h>

#include "eventstore/base/check.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/random.h"

namespace jalon::eventstore {
namespace {

constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == Secret::kBytes);

void AddPart(std::string_view part, std::string* data) {
  JALON_CHECK(part.size() <= 255);
  *data += static_cast<char>(part.size());
  *data += part;
}

std::string AssociatedData(const SealPlace& place, std::string_view key_id) {
  std::string row(4, '\0');
  for (int i = 0; i < 4; ++i) row[i] = static_cast<char>(place.row >> (8 * i));
  std::string data = "jalon.seal.v1";
  data.reserve(128);
  for (std::string_view part :
       {place.tenant, place.request_id, place.path, std::string_view(row), place.subject, key_id}) {
    AddPart(part, &data);
  }
  return data;
}

// The hash of key and nonce: nobody finds another key with the same one.
Hash Commit(const PersonKey& key, std::string_view nonce) {
  return Mac(key.secret.View(), {"jalon.seal.commitment.v1", nonce});
}

const uint8_t* Data(std::string_view bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}
uint8_t* Data(std::string& bytes) { return reinterpret_cast<uint8_t*>(bytes.data()); }

}  // namespace

SealedBytes Seal(const PersonKey& key, const SealPlace& place, std::string_view clear) {
  SealedBytes sealed;
  sealed.key_id = key.id;
  sealed.nonce = RandomBytes(kNonceBytes);
  sealed.commitment = View(Commit(key, sealed.nonce));
  const std::string data = AssociatedData(place, key.id);
  sealed.ciphertext.resize(clear.size() + kTagBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(Data(sealed.ciphertext), nullptr, Data(clear),
                                             clear.size(), Data(data), data.size(), nullptr,
                                             Data(sealed.nonce), key.secret.data());
  return sealed;
}

std::optional<std::string> Open(const PersonKey& key, const SealPlace& place,
                                const SealedBytes& sealed) {
  if (sealed.key_id != key.id || sealed.nonce.size() != kNonceBytes ||
      sealed.ciphertext.size() < kTagBytes) {
    return std::nullopt;
  }
  const Hash commitment = Commit(key, sealed.nonce);
  if (sealed.commitment.size() != commitment.size() ||
      sodium_memcmp(sealed.commitment.data(), commitment.data(), commitment.size()) != 0) {
    return std::nullopt;
  }
  for (std::string_view part : {place.tenant, place.request_id, place.path, place.subject}) {
    if (part.size() > 255) return std::nullopt;
  }
  const std::string data = AssociatedData(place, key.id);
  std::string clear(sealed.ciphertext.size() - kTagBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          Data(clear), nullptr, nullptr, Data(sealed.ciphertext), sealed.ciphertext.size(),
          Data(data), data.size(), Data(sealed.nonce), key.secret.data()) != 0) {
    return std::nullopt;
  }
  return clear;
}

}  // namespace jalon::eventstore
