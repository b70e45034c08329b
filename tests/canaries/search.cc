#include "tests/canaries/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "eventstore/base/check.h"
#include "eventstore/base/hash.h"

namespace jalon::canaries {
namespace {

namespace fs = std::filesystem;

constexpr size_t kAround = 24;

std::string ReadWhole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  JALON_CHECK(file.is_open());
  std::stringstream text;
  if (fs::file_size(path) > 0) text << file.rdbuf();
  JALON_CHECK(!file.bad() && !text.bad());
  return text.str();
}

std::string Printable(std::string text) {
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '.';
  }
  return text;
}

std::string UpperCase(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return 'a' <= c && c <= 'z' ? c - 'a' + 'A' : c; });
  return text;
}

}  // namespace

Wanted TextWanted(std::string_view text) {
  const std::string hex = ToHex(text);
  return {.what = std::string(text), .spellings = {std::string(text), hex, UpperCase(hex)}};
}

Wanted DateWanted(uint32_t date, int field_number) {
  std::string encoded(1, static_cast<char>(field_number << 3));  // wire type 0: a varint
  for (uint32_t rest = date; rest > 0; rest >>= 7) {
    encoded += static_cast<char>((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  }
  return {.what = std::to_string(date), .spellings = {encoded, std::to_string(date)}};
}

Found Search(const std::string& folder, const Wanted& wanted) {
  Found found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string text = ReadWhole(entry.path());
    ++found.files;
    found.bytes += text.size();
    const std::string name = fs::relative(entry.path(), folder).string();
    for (const std::string& spelling : wanted.spellings) {
      if (name.find(spelling) != std::string::npos) {
        found.hits.push_back({.file = entry.path().string(), .offset = 0, .around = "its name"});
        break;
      }
      const size_t at = text.find(spelling);
      if (at == std::string::npos) continue;
      const size_t begin = at - std::min(at, kAround);
      found.hits.push_back({.file = entry.path().string(),
                            .offset = at,
                            .around = Printable(text.substr(begin, kAround * 3))});
      break;
    }
  }
  return found;
}

}  // namespace jalon::canaries
