#include "eventstore/vault/secret.h"

#include <sodium.h>

#include <cstring>

#include "eventstore/base/check.h"

namespace jalon::eventstore {

void WipeBytes(void* bytes, size_t size) { sodium_memzero(bytes, size); }

void Secret::Wipe() { WipeBytes(bytes_.data(), bytes_.size()); }

Secret::~Secret() { Wipe(); }

Secret::Secret(Secret&& other) noexcept : bytes_(other.bytes_) { other.Wipe(); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    bytes_ = other.bytes_;
    other.Wipe();
  }
  return *this;
}

Secret Secret::Random() {
  Secret secret;
  randombytes_buf(secret.bytes_.data(), secret.bytes_.size());
  return secret;
}

Secret Secret::From(std::string_view bytes) {
  JALON_CHECK(bytes.size() == kBytes);
  Secret secret;
  std::memcpy(secret.bytes_.data(), bytes.data(), kBytes);
  return secret;
}

}  // namespace jalon::eventstore
