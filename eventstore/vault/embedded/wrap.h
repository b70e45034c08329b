// How a key rests in the key store: wrapped by another one, bound to its row.
//
// A stored value is 0x01, made_at (8 bytes, microseconds, little endian), the key's id (8 bytes),
// a random nonce (24) and the encrypted key with its tag (48): 89 bytes. The row's own key and the
// first 17 bytes of the value are the associated data, so that a value moved to another row, or
// made older, does not open.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "eventstore/base/clock.h"
#include "eventstore/vault/vault.h"

namespace jalon::eventstore {

inline constexpr size_t kWrappedBytes = 89;

struct WrappedKey {
  PersonKey key;
  Micros made_at{};
};

// One that nobody has yet.
PersonKey NewKey();

// Thread safety: any thread.
std::string Wrap(const Secret& wrapping, std::string_view row, const PersonKey& key,
                 Micros made_at);
// None if a byte is not what Wrap wrote with this wrapping key for this row.
std::optional<WrappedKey> Unwrap(const Secret& wrapping, std::string_view row,
                                 std::string_view value);
// When the key was made, without opening it; 0 if the value has another length.
Micros MadeAt(std::string_view value);

}  // namespace jalon::eventstore
