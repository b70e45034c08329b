// The worked example of eventstore/trail/README.md: keys, checkpoint and note.
#pragma once

#include <string>

#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/note.h"

namespace jalon::fuzz {

inline trail::Seed SeedFrom(uint8_t first) {
  trail::Seed seed;
  for (size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<uint8_t>(first + i);
  return seed;
}

inline const trail::SignerKey& LogKey() {
  static const trail::SignerKey key("audit.example/cfp-nord/trail/1", trail::KeyType::kLog,
                                    SeedFrom(0));
  return key;
}

inline const trail::SignerKey& WitnessKey() {
  static const trail::SignerKey key("witness.example/w1", trail::KeyType::kWitness, SeedFrom(32));
  return key;
}

inline const std::string& ExampleCheckpoint() {
  static const std::string text = trail::FormatCheckpoint(
      {.origin = LogKey().verifier().name, .size = 8, .root = Hash{0x5d, 0xc9}});
  return text;
}

inline std::string ExampleNote() {
  const std::string& text = ExampleCheckpoint();
  return trail::FormatNote(
      {.text = text,
       .lines = {trail::SignText(text, LogKey()), trail::Cosign(text, WitnessKey(), 1767225600)}});
}

}  // namespace jalon::fuzz
