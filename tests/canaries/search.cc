#include "tests/canaries/search.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "eventstore/base/check.h"
#include "eventstore/base/hash.h"
#include "eventstore/trail/base64.h"

namespace jalon::canaries {
namespace {

namespace fs = std::filesystem;

constexpr size_t kAround = 24;
constexpr size_t kPieceBytes = 16;

// A piece of a file that was written. Between two of them lie holes, which read as zeros: files
// that were made large beforehand consist of little else.
struct Piece {
  size_t offset = 0;
  std::string bytes;
};

std::vector<Piece> ReadWritten(const fs::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  std::vector<Piece> pieces;
  if (fd < 0 && errno == ENOENT) return pieces;  // it went meanwhile
  JALON_CHECK(fd >= 0);
  for (off_t at = 0; (at = lseek(fd, at, SEEK_DATA)) >= 0;) {
    const off_t end = lseek(fd, at, SEEK_HOLE);
    JALON_CHECK(end > at);
    Piece piece{static_cast<size_t>(at), std::string(static_cast<size_t>(end - at), 0)};
    size_t read = 0;
    while (read < piece.bytes.size()) {
      const ssize_t count = pread(fd, piece.bytes.data() + read, piece.bytes.size() - read,
                                  at + static_cast<off_t>(read));
      JALON_CHECK(count >= 0);
      if (count == 0) break;  // the file became shorter
      read += static_cast<size_t>(count);
    }
    piece.bytes.resize(read);
    pieces.push_back(std::move(piece));
    at = end;
  }
  JALON_CHECK(errno == ENXIO);  // no more of it
  close(fd);
  return pieces;
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

Wanted KeyWanted(std::string what, std::string_view bytes) {
  Wanted wanted = TextWanted(bytes);
  wanted.what = std::move(what);
  // Without its last group, which what follows the bytes would change.
  const std::string base64 = trail::ToBase64(bytes);
  wanted.spellings.push_back(base64.substr(0, base64.size() - 4));
  for (size_t at = 0; at + kPieceBytes <= bytes.size(); at += kPieceBytes) {
    wanted.spellings.emplace_back(bytes.substr(at, kPieceBytes));
  }
  return wanted;
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
    ++found.files;
    const std::string name = fs::relative(entry.path(), folder).string();
    bool hit = std::ranges::any_of(
        wanted.spellings, [&](const std::string& spelling) { return name.contains(spelling); });
    if (hit) {
      found.hits.push_back({.file = entry.path().string(), .offset = 0, .around = "its name"});
    }
    for (const auto& [offset, text] : ReadWritten(entry.path())) {
      found.bytes += text.size();
      for (const std::string& spelling : wanted.spellings) {
        const size_t at = hit ? std::string::npos : text.find(spelling);
        if (at == std::string::npos) continue;
        const size_t begin = at - std::min(at, kAround);
        found.hits.push_back({.file = entry.path().string(),
                              .offset = offset + at,
                              .around = Printable(text.substr(begin, kAround * 3))});
        hit = true;
      }
    }
  }
  return found;
}

}  // namespace jalon::canaries
