// Keys of signed notes (C2SP signed-note): how they are named, written, and what they sign.
//
//     key ID         = SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4]
//     verifier key   = <name>+<8 hex key ID>+base64(type ‖ public key)
//     signer key     = PRIVATE+KEY+<name>+<8 hex key ID>+base64(type ‖ seed), as Go writes it
//
// Thread safety: any thread.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "eventstore/trail/flaw.h"

namespace jalon::trail {

// What a key signs. Both are Ed25519.
enum class KeyType : uint8_t {
  kLog = 0x01,      // the text of the note
  kWitness = 0x04,  // a cosignature: when a checkpoint was seen, and the checkpoint
};

using PublicKey = std::array<uint8_t, 32>;
using Seed = std::array<uint8_t, 32>;

struct VerifierKey {
  std::string name;
  uint32_t id = 0;
  KeyType type = KeyType::kLog;
  PublicKey key{};

  bool operator==(const VerifierKey&) const = default;
};

VerifierKey MakeVerifierKey(std::string name, KeyType type, const PublicKey& key);
std::string FormatVerifierKey(const VerifierKey& key);
// kVerifierKey for another form, an ID that is not the key's, or a type that is not known.
std::expected<VerifierKey, Flaw> ParseVerifierKey(std::string_view text);
// Whether it is a verifier key whose ID is its own, and only its type is not known here.
bool IsVerifierKeyOfOtherType(std::string_view text);

// A key that signs. It is wiped from memory when it dies; copies are the holder's business.
class SignerKey {
 public:
  SignerKey(std::string name, KeyType type, const Seed& seed);
  ~SignerKey();
  SignerKey(const SignerKey&) = default;
  SignerKey& operator=(const SignerKey&) = default;

  static std::expected<SignerKey, Flaw> Parse(std::string_view text);
  std::string Format() const;

  // The same key under another name: what is costly to derive is copied.
  SignerKey Named(std::string name) const;

  const VerifierKey& verifier() const { return verifier_; }
  // 64 bytes. Deterministic: the same message has the same signature for ever.
  std::string Sign(std::string_view message) const;

 private:
  VerifierKey verifier_;
  std::array<uint8_t, 64> secret_{};  // seed ‖ public key
};

// The 64 bytes are the key's signature of the message.
bool IsSignature(const PublicKey& key, std::string_view message, std::string_view signature);

}  // namespace jalon::trail
