#include "eventstore/trail/note.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "eventstore/base/check.h"
#include "eventstore/trail/base64.h"
#include "eventstore/trail/utf8.h"

namespace jalon::trail {
namespace {

constexpr std::string_view kDash = "\u2014 ";
constexpr size_t kIdBytes = 4;
constexpr size_t kTimeBytes = 8;
constexpr uint64_t kTimeMax = INT64_MAX;

std::string BigEndian(uint64_t number, size_t bytes) {
  std::string text(bytes, '\0');
  for (size_t i = bytes; i-- > 0; number >>= 8) text[i] = static_cast<char>(number & 0xff);
  return text;
}

uint64_t FromBigEndian(std::string_view bytes) {
  uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<uint8_t>(byte);
  return number;
}

// What is wrong with any character of a note, signatures included.
std::optional<Flaw> FlawOfCharacters(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto character = TakeCharacter(&bytes);
    if (!character) return Flaw::kNotUtf8;
    if (*character < 0x20 && *character != '\n') return Flaw::kControlCharacter;
  }
  return std::nullopt;
}

// "— <name> <base64>", without its newline.
std::expected<SignatureLine, Flaw> ReadLine(std::string_view line) {
  if (!line.starts_with(kDash)) return std::unexpected(Flaw::kSignatureLine);
  line.remove_prefix(kDash.size());
  const size_t space = line.find(' ');
  if (space == line.npos || !IsName(line.substr(0, space))) {
    return std::unexpected(Flaw::kSignatureLine);
  }
  const auto blob = FromBase64(line.substr(space + 1));
  if (!blob || blob->size() <= kIdBytes) return std::unexpected(Flaw::kSignatureBase64);
  return SignatureLine{
      .name = std::string(line.substr(0, space)),
      .key_id = static_cast<uint32_t>(FromBigEndian(std::string_view(*blob).substr(0, kIdBytes))),
      .signature = blob->substr(kIdBytes)};
}

// What a witness signs.
std::string CosignedMessage(std::string_view text, uint64_t time) {
  return fmt::format("cosignature/v1\ntime {}\n{}", time, text);
}

// The key's signature of the text, and when; none if it fails.
std::optional<uint64_t> Verify(std::string_view text, const VerifierKey& key,
                               std::string_view signature) {
  if (key.type == KeyType::kLog) {
    return IsSignature(key.key, text, signature) ? std::optional<uint64_t>(0) : std::nullopt;
  }
  if (signature.size() < kTimeBytes) return std::nullopt;
  const uint64_t time = FromBigEndian(signature.substr(0, kTimeBytes));
  const bool is_signed = time <= kTimeMax && IsSignature(key.key, CosignedMessage(text, time),
                                                         signature.substr(kTimeBytes));
  return is_signed ? std::optional(time) : std::nullopt;
}

}  // namespace

std::expected<Note, Flaw> ParseNote(std::string_view bytes) {
  if (bytes.empty() || bytes.back() != '\n') return std::unexpected(Flaw::kNoLastNewline);
  if (bytes.size() > kNoteBytesMax) return std::unexpected(Flaw::kTooManySignatures);
  if (const auto flaw = FlawOfCharacters(bytes)) return std::unexpected(*flaw);
  const size_t split = bytes.rfind("\n\n");
  if (split == bytes.npos || split + 2 == bytes.size()) {
    return std::unexpected(Flaw::kNoSignatureBlock);
  }
  Note note{.text = std::string(bytes.substr(0, split + 1)), .lines = {}};
  for (std::string_view rest = bytes.substr(split + 2); !rest.empty();) {
    if (note.lines.size() == kSignaturesMax) return std::unexpected(Flaw::kTooManySignatures);
    const size_t end = rest.find('\n');
    auto line = ReadLine(rest.substr(0, end));
    if (!line) return std::unexpected(line.error());
    if (std::ranges::find(note.lines, *line) != note.lines.end()) {
      return std::unexpected(Flaw::kSignatureRepeated);
    }
    note.lines.push_back(std::move(*line));
    rest.remove_prefix(end + 1);
  }
  return note;
}

std::string FormatNote(const Note& note) {
  std::string bytes = note.text + '\n';
  for (const SignatureLine& line : note.lines) {
    bytes += fmt::format("{}{} {}\n", kDash, line.name,
                         ToBase64(BigEndian(line.key_id, kIdBytes) + line.signature));
  }
  return bytes;
}

std::expected<std::vector<SignedBy>, Flaw> OpenNote(const Note& note,
                                                    std::span<const VerifierKey> keys) {
  std::vector<SignedBy> signed_by;
  for (const SignatureLine& line : note.lines) {
    for (size_t key = 0; key < keys.size(); ++key) {
      if (keys[key].name != line.name || keys[key].id != line.key_id) continue;
      const auto time = Verify(note.text, keys[key], line.signature);
      if (!time) return std::unexpected(Flaw::kSignatureFails);
      signed_by.push_back({.key = key, .time = *time});
    }
  }
  if (signed_by.empty()) return std::unexpected(Flaw::kNoKnownSignature);
  return signed_by;
}

SignatureLine SignText(std::string_view text, const SignerKey& key) {
  JALON_CHECK(key.verifier().type == KeyType::kLog && text.ends_with('\n'));
  return {key.verifier().name, key.verifier().id, key.Sign(text)};
}

SignatureLine Cosign(std::string_view text, const SignerKey& key, uint64_t time) {
  JALON_CHECK(key.verifier().type == KeyType::kWitness && time <= kTimeMax);
  return {key.verifier().name, key.verifier().id,
          BigEndian(time, kTimeBytes) + key.Sign(CosignedMessage(text, time))};
}

}  // namespace jalon::trail
