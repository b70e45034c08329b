// UTF-8 as signed notes need it: well-formed text, and names without spaces.
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace jalon::trail {

// Takes one character off the front of `text`; none, and `text` as it was, if what stands there is
// no shortest-form UTF-8 of a Unicode scalar value. REQUIRES: `text` is not empty.
std::optional<uint32_t> TakeCharacter(std::string_view* text);

// A Unicode space, by the property White_Space.
bool IsSpace(uint32_t character);

// What a key or an origin may be called: not empty, well-formed, no Unicode space, no '+', and no
// control character.
bool IsName(std::string_view text);

}  // namespace jalon::trail
