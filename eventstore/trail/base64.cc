#include "eventstore/trail/base64.h"

#include <sodium.h>

namespace jalon::trail {

std::string ToBase64(std::string_view bytes) {
  // The length libsodium asks for counts the terminating zero.
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const uint8_t*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();
  return text;
}

std::optional<std::string> FromBase64(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  size_t size = 0;
  // Without a place for the end, what is left over is an error; with one, it would not be.
  if (sodium_base642bin(reinterpret_cast<uint8_t*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0) {
    return std::nullopt;
  }
  bytes.resize(size);
  // libsodium 1.0.18 takes some bytes beyond ASCII for letters of the alphabet.
  std::string again = ToBase64(bytes);
  const bool is_same = again == text;
  sodium_memzero(again.data(), again.size());  // it may be a key
  if (!is_same) return std::nullopt;
  return bytes;
}

std::optional<Hash> HashFromBase64(std::string_view text) {
  const auto bytes = FromBase64(text);
  if (!bytes || bytes->size() != sizeof(Hash)) return std::nullopt;
  return HashFrom(*bytes);
}

}  // namespace jalon::trail
