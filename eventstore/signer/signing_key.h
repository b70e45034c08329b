// The key of a deployment, by which all its trails are signed: an Ed25519 seed in a file that only
// its owner reads. Signed notes name a key by a name and its public half; here the name is the
// trail's origin. So one public key, known from elsewhere, and an origin give a verifier key.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "eventstore/base/result.h"
#include "eventstore/trail/key.h"

namespace jalon::eventstore {

// Copies and moves wipe what they leave; nothing prints it.
// Thread safety: const calls from any thread.
class SigningKey {
 public:
  explicit SigningKey(const trail::Seed& seed);
  ~SigningKey();
  SigningKey(const SigningKey&) = default;
  SigningKey& operator=(const SigningKey&) = default;

  static SigningKey Random();

  // What signs the log of that origin. REQUIRES: the origin may be a key's name.
  trail::SignerKey Of(const std::string& origin) const;
  trail::VerifierKey VerifierOf(const std::string& origin) const;
  trail::PublicKey PublicKey() const { return key_.verifier().key; }

 private:
  friend Result<void> CreateSigningKey(const std::string& path, const SigningKey& key);

  trail::Seed seed_;
  trail::SignerKey key_;  // derived once: it costs as much as a signature
};

// The key that signs, and the one before it where that signs too.
struct SigningKeys {
  // NOLINTNEXTLINE(google-explicit-constructor): one key is a case of this
  SigningKeys(const SigningKey& key) : now(key) {}
  SigningKeys(const SigningKey& key, std::optional<SigningKey> old)
      : now(key), before(std::move(old)) {}

  SigningKey now;
  std::optional<SigningKey> before;
};

// Reads the file. NOT_FOUND SIGNER_KEY_MISSING; FAILED_PRECONDITION SIGNER_KEY_UNSAFE if others may
// read it; DATA_LOSS SIGNER_KEY_INVALID if it is no key. Each message says what to do.
// Thread safety: any thread.
Result<SigningKey> LoadSigningKey(const std::string& path);

// Makes the folder in which a key is to lie, and the one above, 0700, if they are not there.
// INTERNAL SIGNER_KEY_NOT_WRITTEN. Durability: their names survive a crash once it returned.
Result<void> MakeSignerFolder(const std::string& folder);

// Writes the file, mode 0600, and makes its folder. ALREADY_EXISTS: nothing is ever written over.
// Durability: what succeeded survives a crash; a crash on the way leaves no file.
Result<void> CreateSigningKey(const std::string& path, const SigningKey& key);

}  // namespace jalon::eventstore
