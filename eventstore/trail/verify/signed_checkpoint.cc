#include "eventstore/trail/verify/signed_checkpoint.h"

#include <algorithm>

#include "eventstore/trail/base64.h"

namespace jalon::trail {
namespace {

constexpr size_t kSignatureBytes = 64;  // of Ed25519
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// What a character of base64 or a digit may have been before one bit was turned: of the character,
// or of the six bits that it stands for.
std::string BeforeOneBit(char now) {
  std::string others;
  for (unsigned bit = 0; bit < 8; ++bit) {
    const char other = static_cast<char>(now ^ (1 << bit));
    if (kBase64.find(other) != kBase64.npos) others += other;
  }
  const size_t value = kBase64.find(now);
  for (unsigned bit = 0; bit < 6 && value != kBase64.npos; ++bit) {
    others += kBase64[value ^ (size_t{1} << bit)];
  }
  return others;
}

// The place in the text where, with one bit turned back, the key's signature holds. Behind the
// origin only: with another origin it is another log's.
std::optional<uint64_t> TurnedInText(const VerifierKey& key, const Note& note,
                                     std::string_view signature) {
  std::string text = note.text;
  for (size_t at = text.find('\n') + 1; at < text.size(); ++at) {
    for (const char other : BeforeOneBit(note.text[at])) {
      text[at] = other;
      if (IsSignature(key.key, text, signature)) return at;
    }
    text[at] = note.text[at];
  }
  return std::nullopt;
}

// The same of the signature, by the characters of its base64.
bool IsTurnedInSignature(const VerifierKey& key, const Note& note, const std::string& signature) {
  std::string base64 = ToBase64(signature);
  for (char& place : base64) {
    const char now = place;
    for (const char other : BeforeOneBit(now)) {
      place = other;
      const auto bytes = FromBase64(base64);
      if (bytes && IsSignature(key.key, note.text, *bytes)) return true;
    }
    place = now;
  }
  return false;
}

// The first line in the key's name that could be its signature, and is not; null: there is none.
const SignatureLine* FailingLineOf(const VerifierKey& key, const Note& note) {
  const auto fails = [&](const SignatureLine& line) {
    return line.name == key.name && line.key_id == key.id &&
           line.signature.size() == kSignatureBytes &&
           !IsSignature(key.key, note.text, line.signature);
  };
  const auto line = std::ranges::find_if(note.lines, fails);
  return line == note.lines.end() ? nullptr : &*line;
}

// A known key's signature fails. Where one bit is all that differs from what the key signed, which
// only its holder can have made, the checkpoint was altered; otherwise it is not the key's. Some
// 1,500 signatures are tried: a tenth of a second for each key of the log, and only here. Of each
// one line is looked at, whatever others stand in its name.
Finding WhyItFails(std::span<const VerifierKey> logs, const Note& note, const std::string& file) {
  for (const VerifierKey& key : logs) {
    const SignatureLine* line = FailingLineOf(key, note);
    if (line == nullptr) continue;
    if (const auto at = TurnedInText(key, note, line->signature)) {
      return {.flaw = Flaw::kCheckpointChanged, .file = file, .number = *at};
    }
    if (IsTurnedInSignature(key, note, line->signature)) {
      return {.flaw = Flaw::kCheckpointChanged, .file = file};
    }
  }
  return {.flaw = Flaw::kSignatureFails, .file = file};
}

}  // namespace

std::expected<SignedCheckpoint, Finding> OpenCheckpoint(std::string_view bytes,
                                                        const std::string& file,
                                                        std::span<const VerifierKey> keys,
                                                        std::span<const VerifierKey> witnesses,
                                                        std::optional<Checkpoint>* read) {
  const auto is_wrong = [&file](Flaw flaw) {
    return std::unexpected(Finding{.flaw = flaw, .file = file});
  };
  const auto note = ParseNote(bytes);
  if (!note) return is_wrong(note.error());
  auto checkpoint = ParseCheckpoint(note->text);
  if (!checkpoint) return is_wrong(checkpoint.error());
  if (read != nullptr) *read = *checkpoint;

  std::vector<VerifierKey> known;  // of this log, then the witnesses
  std::ranges::copy_if(keys, std::back_inserter(known), [&](const VerifierKey& key) {
    return key.type == KeyType::kLog && key.name == checkpoint->origin;
  });
  const size_t logs = known.size();
  if (logs == 0) return is_wrong(Flaw::kOriginOfNoKey);
  known.insert(known.end(), witnesses.begin(), witnesses.end());

  const auto signed_by = OpenNote(*note, known);
  if (!signed_by && signed_by.error() == Flaw::kSignatureFails) {
    return std::unexpected(WhyItFails(std::span(known).first(logs), *note, file));
  }
  if (!signed_by) return is_wrong(signed_by.error());
  SignedCheckpoint opened{.checkpoint = *std::move(checkpoint), .logs = {}, .witnesses = {}};
  for (const SignedBy& by : *signed_by) {
    if (by.key >= logs) {
      opened.witnesses.push_back({.key = by.key - logs, .time = by.time});
    } else {
      opened.logs.push_back(known[by.key]);
    }
  }
  if (opened.logs.empty()) return is_wrong(Flaw::kNoKnownSignature);
  return opened;
}

}  // namespace jalon::trail
