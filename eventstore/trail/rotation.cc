#include "eventstore/trail/rotation.h"

#include <algorithm>
#include <optional>

#include "eventstore/base/hash.h"
#include "eventstore/trail/note.h"

namespace jalon::trail {
namespace {

constexpr std::string_view kHeading = "jalon key rotation\n";
constexpr size_t kHexBytes = 2 * sizeof(PublicKey);

std::string_view BytesOf(const PublicKey& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

std::string TextOf(const PublicKey& old_key, const PublicKey& new_key) {
  return std::string(kHeading) + ToHex(BytesOf(old_key)) + '\n' + ToHex(BytesOf(new_key)) + '\n';
}

// Of one line in lower-case hexadecimal.
std::optional<PublicKey> TakeKey(std::string_view* text) {
  if (text->size() <= kHexBytes || (*text)[kHexBytes] != '\n') return std::nullopt;
  std::string bytes;
  PublicKey key;
  if (!FromHex(text->substr(0, kHexBytes), &bytes) || bytes.size() != key.size()) {
    return std::nullopt;
  }
  text->remove_prefix(kHexBytes + 1);
  std::ranges::copy(bytes, key.begin());
  return key;
}

std::optional<Rotation> ReadLines(const std::string& lines) {
  std::string_view text = lines;
  if (!text.starts_with(kHeading)) return std::nullopt;
  text.remove_prefix(kHeading.size());
  const auto from = TakeKey(&text);
  const auto to = TakeKey(&text);
  // What is signed has one spelling.
  if (!from || !to || lines != TextOf(*from, *to)) return std::nullopt;
  return Rotation{.from = *from, .to = *to};
}

std::expected<Rotation, Flaw> CheckedBy(const Note& note, const Rotation& told) {
  const auto verifier = MakeVerifierKey(std::string(kRotationName), KeyType::kLog, told.from);
  const auto signed_by = OpenNote(note, {&verifier, 1});
  if (!signed_by) return std::unexpected(signed_by.error());
  return told;
}

}  // namespace

std::string FormatRotation(const SignerKey& old_key, const PublicKey& new_key) {
  const std::string text = TextOf(old_key.verifier().key, new_key);
  return FormatNote({.text = text, .lines = {SignText(text, old_key)}});
}

std::expected<Rotation, Flaw> ReadRotation(std::string_view bytes) {
  const auto note = ParseNote(bytes);
  if (!note) return std::unexpected(note.error());
  const auto told = ReadLines(note->text);
  if (!told) return std::unexpected(Flaw::kRotationLines);
  return CheckedBy(*note, *told);
}

std::expected<PublicKey, Flaw> OpenRotation(std::string_view bytes, const PublicKey& old_key) {
  const auto note = ParseNote(bytes);
  if (!note) return std::unexpected(note.error());
  const auto told = ReadLines(note->text);
  if (!told) return std::unexpected(Flaw::kRotationLines);
  if (told->from != old_key) return std::unexpected(Flaw::kRotationOfOtherKey);
  const auto checked = CheckedBy(*note, *told);
  if (!checked) return std::unexpected(checked.error());
  return checked->to;
}

}  // namespace jalon::trail
