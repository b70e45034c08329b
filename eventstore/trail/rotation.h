// A change of the key that signs a deployment's logs, as a signed note: the old key says which one
// comes after it. Whoever holds the old verifier key of a log gets the new one by it, and needs
// nobody's word.
//
//     jalon key rotation
//     a50787bff3…        the old public key, in hexadecimal
//     1c62e83a10…        the new one
//
//     — jalon-key-rotation Uw2QOkn8srV1yJGh…
//
// The old key signs under one name for all logs, since the change is one for all.
//
// Thread safety: any thread.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "eventstore/trail/flaw.h"
#include "eventstore/trail/key.h"

namespace jalon::trail {

inline constexpr std::string_view kRotationName = "jalon-key-rotation";

// REQUIRES: the key's name is kRotationName, and its type a log's.
std::string FormatRotation(const SignerKey& old_key, const PublicKey& new_key);

// A change as its note tells it, signed by the key before: who vouches for that one, the caller
// knows.
struct Rotation {
  PublicKey from{};
  PublicKey to{};
};
// kRotationLines where it is no such note; the flaws of notes.
std::expected<Rotation, Flaw> ReadRotation(std::string_view bytes);

// The key that comes after `old_key`. kRotationLines where it is no such note; kRotationOfOtherKey
// where it is another key's; the flaws of notes, of which kSignatureFails: that key did not sign
// it.
std::expected<PublicKey, Flaw> OpenRotation(std::string_view bytes, const PublicKey& old_key);

}  // namespace jalon::trail
