// Sealing: personal bytes in, bytes that only the person's key opens out (XChaCha20-Poly1305).
//
// The cipher alone does not bind a ciphertext to one key: two keys can be found under which the
// same bytes open to two contents. So a commitment to the key stands beside it and is checked
// first. Associated data binds the place: a sealed section copied to another request, row or
// person does not open.
//
// Format of the associated data: "jalon.seal.v1", then each of tenant, request id, path, row (4
// bytes, little endian), subject, key id, each preceded by its length in one byte. It is never
// stored: whoever opens it puts it together again.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "eventstore/base/ids.h"
#include "eventstore/vault/vault.h"

namespace jalon::eventstore {

// Where a section stands. Views must outlive the call only. Each field has at most 255 bytes.
struct SealPlace {
  std::string_view tenant = {};
  std::string_view request_id = {};
  std::string_view path = {};
  uint32_t row = 0;
  std::string_view subject = {};
};

struct SealedBytes {
  Bytes key_id;      // 8
  Bytes nonce;       // 24, random
  Bytes ciphertext;  // as long as the clear bytes, and a tag of 16
  Bytes commitment;  // 32
};

// Thread safety: any thread.
SealedBytes Seal(const PersonKey& key, const SealPlace& place, std::string_view clear);

// The clear bytes; none if the key, the place or any byte is not what sealed them.
std::optional<std::string> Open(const PersonKey& key, const SealPlace& place,
                                const SealedBytes& sealed);

}  // namespace jalon::eventstore
