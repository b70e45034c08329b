#include "eventstore/trail/utf8.h"

namespace jalon::trail {

std::optional<uint32_t> TakeCharacter(std::string_view* text) {
  const auto first = static_cast<uint8_t>(text->front());
  if (first < 0x80) {
    text->remove_prefix(1);
    return first;
  }
  size_t size = 0;
  uint32_t least = 0;  // a smaller character has a shorter form
  if (first >> 5 == 0b110) {
    size = 2, least = 0x80;
  } else if (first >> 4 == 0b1110) {
    size = 3, least = 0x800;
  } else if (first >> 3 == 0b11110) {
    size = 4, least = 0x10000;
  }
  if (size == 0 || text->size() < size) return std::nullopt;
  uint32_t character = first & (0x7fU >> size);
  for (size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<uint8_t>((*text)[i]);
    if (byte >> 6 != 0b10) return std::nullopt;
    character = character << 6 | (byte & 0x3fU);
  }
  const bool is_surrogate = character >= 0xd800 && character <= 0xdfff;
  if (character < least || character > 0x10ffff || is_surrogate) return std::nullopt;
  text->remove_prefix(size);
  return character;
}

bool IsSpace(uint32_t character) {
  return (character >= 0x09 && character <= 0x0d) || character == 0x20 || character == 0x85 ||
         character == 0xa0 || character == 0x1680 || (character >= 0x2000 && character <= 0x200a) ||
         character == 0x2028 || character == 0x2029 || character == 0x202f || character == 0x205f ||
         character == 0x3000;
}

bool IsName(std::string_view text) {
  if (text.empty()) return false;
  while (!text.empty()) {
    const auto character = TakeCharacter(&text);
    if (!character || *character < 0x20 || *character == '+' || IsSpace(*character)) return false;
  }
  return true;
}

}  // namespace jalon::trail
