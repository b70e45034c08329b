// Signed notes (C2SP signed-note): a text, an empty line, and lines that sign it.
//
//     This is an example message.
//
//     — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXs…
//
// The text ends with a newline, may hold empty lines, and is what is signed. What stands behind the
// name is base64(4-byte big-endian key ID ‖ signature).
//
// A note has one spelling: a signature line that stands twice is malformed, and so is base64 with
// spare bits set. Other readers accept those.
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/trail/flaw.h"
#include "eventstore/trail/key.h"

namespace jalon::trail {

// A log's line, a second key's and every witness a deployment may ask; the format asks for 16.
inline constexpr size_t kSignaturesMax = 64;
// All of them post-quantum ones of 5 kB: more is no note.
inline constexpr size_t kNoteBytesMax = size_t{512} * 1024;

struct SignatureLine {
  std::string name;
  uint32_t key_id = 0;
  std::string signature;  // what follows the key ID

  bool operator==(const SignatureLine&) const = default;
};

struct Note {
  std::string text;  // with its last newline
  std::vector<SignatureLine> lines;

  bool operator==(const Note&) const = default;
};

// The note, with no signature verified; what is malformed otherwise.
std::expected<Note, Flaw> ParseNote(std::string_view bytes);
std::string FormatNote(const Note& note);

// A line of a note that one of the keys verified.
struct SignedBy {
  size_t key = 0;     // which of the keys
  uint64_t time = 0;  // a witness's: when it had seen the checkpoint, seconds since the Unix epoch
};

// Which keys signed the note, in the order of its lines. A line whose name and ID are no key's is
// ignored, also where only one of the two is; one that is a key's and fails makes all of the note
// void: kSignatureFails. kNoKnownSignature if none is left.
std::expected<std::vector<SignedBy>, Flaw> OpenNote(const Note& note,
                                                    std::span<const VerifierKey> keys);

// The line by which a key of a log signs a text. REQUIRES: the key is a log's; the text ends with a
// newline.
SignatureLine SignText(std::string_view text, const SignerKey& key);

// The line by which a witness says that it saw this checkpoint at `time`, in seconds since the Unix
// epoch (C2SP tlog-cosignature). REQUIRES: the key is a witness's; the text is a checkpoint's.
SignatureLine Cosign(std::string_view text, const SignerKey& key, uint64_t time);

}  // namespace jalon::trail
