// Signed notes and checkpoints, as an auditor's program reads them: one spelling each, and whatever
// stands under a key's name, it is said soon that the key did not sign it.
#include <optional>

#include "eventstore/base/hash.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/note.h"
#include "eventstore/trail/verify/signed_checkpoint.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/trail_seeds.h"

namespace jalon::fuzz {

namespace {

// Looking for a turned bit takes a tenth of a second: of the inputs that come to it, one in so
// many.
constexpr size_t kOpenedOneIn = 8;

void Open(std::string_view input) {
  if (Sha256(input)[0] % kOpenedOneIn != 0 && input != ExampleNote()) return;
  const std::vector<trail::VerifierKey> keys = {LogKey().verifier()};
  const std::vector<trail::VerifierKey> witnesses = {WitnessKey().verifier()};
  std::optional<trail::Checkpoint> read;
  const auto opened = trail::OpenCheckpoint(input, "checkpoint", keys, witnesses, &read);
  if (!opened) return;
  JALON_CHECK(trail::FormatCheckpoint(opened->checkpoint) == ExampleCheckpoint());
  JALON_CHECK(read == opened->checkpoint);
  JALON_CHECK(opened->witnesses.size() <= witnesses.size());
}

}  // namespace

void Run(std::string_view input) {
  Open(input);
  const auto note = trail::ParseNote(input);
  if (!note) return;
  JALON_CHECK(trail::FormatNote(*note) == input);
  const std::vector<trail::VerifierKey> keys = {LogKey().verifier(), WitnessKey().verifier()};
  if (const auto opened = trail::OpenNote(*note, keys)) {
    for (const trail::SignedBy& by : *opened) JALON_CHECK(by.key < keys.size());
    // Nobody here can sign but these keys, and they signed nothing else.
    JALON_CHECK(note->text == ExampleCheckpoint());
  }
  const auto checkpoint = trail::ParseCheckpoint(note->text);
  if (checkpoint) JALON_CHECK(trail::FormatCheckpoint(*checkpoint) == note->text);
}

std::vector<std::string> Seeds() {
  trail::Note longer = *trail::ParseNote(ExampleNote());
  longer.lines.push_back(longer.lines.front());
  longer.lines.back().signature = std::string(3000, 'x');
  return {ExampleNote(), trail::FormatNote(longer)};
}

}  // namespace jalon::fuzz
