// The two hashes the formats use: SHA-256 for chains and trees, BLAKE2b for MACs.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace jalon {

// A SHA-256 value.
using Hash = std::array<uint8_t, 32>;

// SHA-256 of `data`; of the concatenation of `parts`. Thread safety: any thread.
Hash Sha256(std::string_view data);
Hash Sha256(std::initializer_list<std::string_view> parts);

// BLAKE2b-256 of the concatenation, keyed (1 to 64 bytes of key). Thread safety: any thread.
Hash Mac(std::string_view key, std::initializer_list<std::string_view> parts);

inline std::string_view View(const Hash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}
// The hash those 32 bytes are; all zero if `bytes` has another length.
Hash HashFrom(std::string_view bytes);

// Lower-case hexadecimal, and back; FromHex returns false on any other character or an odd length.
std::string ToHex(std::string_view bytes);
bool FromHex(std::string_view text, std::string* bytes);

}  // namespace jalon
