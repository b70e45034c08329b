#include "eventstore/trail/key.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <optional>

#include "eventstore/base/check.h"
#include "eventstore/base/hash.h"
#include "eventstore/trail/base64.h"
#include "eventstore/trail/utf8.h"

namespace jalon::trail {
namespace {

constexpr std::string_view kPrivate = "PRIVATE+KEY+";

const uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::string_view Text(const auto& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// `typed`: the type, and the public key.
uint32_t IdOf(std::string_view name, std::string_view typed) {
  const Hash hash = Sha256({name, "\n", typed});
  return static_cast<uint32_t>(hash[0]) << 24 | static_cast<uint32_t>(hash[1]) << 16 |
         static_cast<uint32_t>(hash[2]) << 8 | hash[3];
}

uint32_t IdOf(std::string_view name, KeyType type, const PublicKey& key) {
  return IdOf(name, static_cast<char>(type) + std::string(Text(key)));
}

bool IsKnown(KeyType type) { return type == KeyType::kLog || type == KeyType::kWitness; }

void Wipe(std::string* secret) { sodium_memzero(secret->data(), secret->size()); }

// "<name>+<8 hex>+base64(type ‖ 32 bytes)". The bytes may be a seed: what holds them on the way is
// wiped.
std::string FormatKey(const VerifierKey& key, std::string_view bytes) {
  std::string typed(1 + bytes.size(), static_cast<char>(key.type));
  std::ranges::copy(bytes, typed.begin() + 1);
  std::string base64 = ToBase64(typed);
  std::string text = fmt::format("{}+{:08x}+{}", key.name, key.id, base64);
  Wipe(&typed);
  Wipe(&base64);
  return text;
}

struct KeyText {
  std::string name;
  std::string id;  // 4 bytes
  KeyType type = KeyType::kLog;
  std::array<uint8_t, 32> bytes{};  // a public key, or a seed

  void Wipe() { sodium_memzero(bytes.data(), bytes.size()); }
};

std::optional<KeyText> ReadKey(std::string_view text) {
  const size_t first = text.find('+');
  if (first == text.npos) return std::nullopt;
  const size_t second = text.find('+', first + 1);
  if (second == text.npos) return std::nullopt;
  KeyText key;
  key.name = std::string(text.substr(0, first));
  const bool has_id = FromHex(text.substr(first + 1, second - first - 1), &key.id);
  auto bytes = FromBase64(text.substr(second + 1));
  const bool has_bytes = bytes && bytes->size() == 1 + key.bytes.size();
  if (has_bytes) {
    key.type = static_cast<KeyType>(bytes->front());
    std::copy(bytes->begin() + 1, bytes->end(), key.bytes.begin());
  }
  if (bytes) Wipe(&*bytes);
  if (!IsName(key.name) || !has_id || key.id.size() != 4 || !has_bytes || !IsKnown(key.type)) {
    key.Wipe();
    return std::nullopt;
  }
  return key;
}

bool HasId(const VerifierKey& key, std::string_view id) {
  return fmt::format("{:08x}", key.id) == ToHex(id);
}

}  // namespace

VerifierKey MakeVerifierKey(std::string name, KeyType type, const PublicKey& key) {
  const uint32_t id = IdOf(name, type, key);
  return {std::move(name), id, type, key};
}

std::string FormatVerifierKey(const VerifierKey& key) { return FormatKey(key, Text(key.key)); }

std::expected<VerifierKey, Flaw> ParseVerifierKey(std::string_view text) {
  const auto read = ReadKey(text);
  if (!read) return std::unexpected(Flaw::kVerifierKey);
  VerifierKey key = MakeVerifierKey(read->name, read->type, read->bytes);
  if (!HasId(key, read->id)) return std::unexpected(Flaw::kVerifierKey);
  return key;
}

bool IsVerifierKeyOfOtherType(std::string_view text) {
  const size_t first = text.find('+');
  const size_t second = first == text.npos ? text.npos : text.find('+', first + 1);
  if (second == text.npos) return false;
  const std::string_view name = text.substr(0, first);
  const auto typed = FromBase64(text.substr(second + 1));
  return typed && typed->size() > 1 && !IsKnown(static_cast<KeyType>(typed->front())) &&
         IsName(name) &&
         text.substr(first + 1, second - first - 1) == fmt::format("{:08x}", IdOf(name, *typed));
}

SignerKey::SignerKey(std::string name, KeyType type, const Seed& seed) {
  JALON_CHECK(IsName(name));
  PublicKey key;
  JALON_CHECK(crypto_sign_seed_keypair(key.data(), secret_.data(), seed.data()) == 0);
  verifier_ = MakeVerifierKey(std::move(name), type, key);
}

SignerKey SignerKey::Named(std::string name) const {
  JALON_CHECK(IsName(name));
  SignerKey key(*this);
  key.verifier_ = MakeVerifierKey(std::move(name), verifier_.type, verifier_.key);
  return key;
}

SignerKey::~SignerKey() { sodium_memzero(secret_.data(), secret_.size()); }

std::expected<SignerKey, Flaw> SignerKey::Parse(std::string_view text) {
  if (!text.starts_with(kPrivate)) return std::unexpected(Flaw::kVerifierKey);
  auto read = ReadKey(text.substr(kPrivate.size()));
  if (!read) return std::unexpected(Flaw::kVerifierKey);
  SignerKey key(read->name, read->type, read->bytes);
  read->Wipe();
  if (!HasId(key.verifier(), read->id)) return std::unexpected(Flaw::kVerifierKey);
  return key;
}

std::string SignerKey::Format() const {
  std::string key = FormatKey(verifier_, Text(secret_).substr(0, sizeof(Seed)));
  std::string text = std::string(kPrivate) + key;
  Wipe(&key);
  return text;
}

std::string SignerKey::Sign(std::string_view message) const {
  std::string signature(crypto_sign_BYTES, '\0');
  JALON_CHECK(crypto_sign_detached(reinterpret_cast<uint8_t*>(signature.data()), nullptr,
                                   Bytes(message), message.size(), secret_.data()) == 0);
  return signature;
}

bool IsSignature(const PublicKey& key, std::string_view message, std::string_view signature) {
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(Bytes(signature), Bytes(message), message.size(),
                                     key.data()) == 0;
}

}  // namespace jalon::trail
