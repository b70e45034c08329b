// Signed notes and checkpoints, as an auditor's program reads them: one spelling each.
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/note.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/trail_seeds.h"

namespace jalon::fuzz {

void Run(std::string_view input) {
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

std::vector<std::string> Seeds() { return {ExampleNote()}; }

}  // namespace jalon::fuzz
