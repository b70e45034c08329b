// Base64 as RFC 4648 §4 has it, with padding, and nothing else: a text that decodes has no second
// spelling.
//
// Thread safety: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "eventstore/base/hash.h"

namespace jalon::trail {

std::string ToBase64(std::string_view bytes);

// None for any other character, missing padding, or spare bits that are set.
std::optional<std::string> FromBase64(std::string_view text);

// None unless it is the base64 of exactly 32 bytes.
std::optional<Hash> HashFromBase64(std::string_view text);

}  // namespace jalon::trail
