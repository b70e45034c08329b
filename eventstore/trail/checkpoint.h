// Checkpoints (C2SP tlog-checkpoint): what a log says of itself, as the text of a signed note.
//
//     audit.example/cfp-nord/trail/1                   origin
//     8                                                entries, decimal
//     XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=     root, base64
//
// Exactly these three lines, so no time: that comes from witnesses, or from the log's own records.
// The name of the key that signs a checkpoint is its origin.
//
// Thread safety: any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "eventstore/base/hash.h"
#include "eventstore/trail/flaw.h"

namespace jalon::trail {

struct Checkpoint {
  std::string origin;
  uint64_t size = 0;
  Hash root{};

  bool operator==(const Checkpoint&) const = default;
};

std::string FormatCheckpoint(const Checkpoint& checkpoint);

// Refuses whatever FormatCheckpoint would not write, and an origin that can be no key's name.
std::expected<Checkpoint, Flaw> ParseCheckpoint(std::string_view text);

// A decimal number without sign or leading zero, up to 2^63 - 1; none for anything else.
std::optional<uint64_t> ParseDecimal(std::string_view text);

}  // namespace jalon::trail
