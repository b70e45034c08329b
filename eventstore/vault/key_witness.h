// The witness of a key store: a small mapped file outside of it, with the log, that says how often
// the store was written. An older copy of the keys opens as well as the newest one, but lacks keys
// that the log names and brings back those that were destroyed: a start refuses it.
//
//   "jalonkey" (8) ‖ life (16) ‖ writes (8, little endian)
//
// The store holds the same mark, but for the name, and writes it with every batch. `life` is drawn
// anew whenever a store finds no witness: so a copy made before is never taken for it later.
//
// Durability: written after each sync of the store, not synced itself: it survives the process, and
// after a power cut it may be older than the store, never newer. What is sealed with a key is
// appended after that, so a copy of this file that is made after one of the log covers it.
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"

namespace jalon::eventstore {

struct KeyMark {
  static constexpr size_t kLifeBytes = 16;

  Bytes life = Bytes(kLifeBytes, '\0');
  uint64_t writes = 0;
  // Of a vault that others reach: how many have had these keys one after the other. In no store.
  uint64_t term = 1;
};

// By then it holds no key of anyone: its mark and the row of the root key were written.
inline constexpr uint64_t kWritesAtBirth = 2;

std::string EncodeMark(const KeyMark& mark);
std::optional<KeyMark> DecodeMark(std::string_view bytes);

class KeyWitness {
 public:
  // There whole, or not at all.
  static Result<void> Create(const std::string& path, const KeyMark& mark);
  // Null if there is none. DATA_LOSS KEYS_WITNESS_DAMAGED; UNAVAILABLE VAULT_UNAVAILABLE if it
  // cannot be read, which says nothing about it.
  static Result<std::unique_ptr<KeyWitness>> Open(const std::string& path);
  ~KeyWitness();

  // What it said when it was opened.
  const KeyMark& Last() const { return last_; }
  void Write(uint64_t writes);

 private:
  KeyWitness(char* bytes, KeyMark last) : bytes_(bytes), last_(std::move(last)) {}

  char* const bytes_;  // the mapped file
  const KeyMark last_;
};

}  // namespace jalon::eventstore
