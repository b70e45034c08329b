// Which entries of a partition count: one rule, applied alike by every reader (commit-protocol §2).
//
// Thread safety: none; a Chain belongs to one reader.
#pragma once

#include <string_view>

#include "eventstore/base/hash.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "jalon/log/v1/log.pb.h"

namespace jalon::eventstore {

// The head of the counted chain: after which entry the next one must come. The checkpoint of every
// fold holds one.
struct ChainHead {
  Epoch epoch;
  Hash epoch_id{};
  Seq seq;
  Hash hash{};
  Offset offset;       // of the last counted entry
  uint32_t level = 0;  // the level the partition was raised to

  bool operator==(const ChainHead&) const = default;
};

enum class Fate {
  kCounted,   // part of the history
  kVoid,      // a copy, a zombie's, or after a gap: ignored by all alike
  kDiverged,  // acknowledged bytes were lost or changed: stop loudly, serve nothing new
  kTooNew,    // written for a newer level than this binary's: upgrade the node
};

// The fields of a stored entry that counting needs, read in place; `kind` tells which apply. Views
// point into the bytes.
struct EntryFrame {
  enum class Kind { kGenesis, kClaim, kRecord } kind = Kind::kRecord;
  uint32_t level = 0;
  Epoch epoch;
  Seq seq;                     // record: its own; claim: base_seq
  std::string_view epoch_id;   // record
  std::string_view prev_hash;  // record; claim: base_hash
  std::string_view nonce;      // claim
  uint32_t raises_level = 0;   // record: FeatureLevelRaised
  int64_t recorded_at = 0;     // record
};

// Reads a frame without parsing the whole entry. DATA_LOSS LOG_CORRUPT if the bytes are no entry.
Result<EntryFrame> ReadFrame(std::string_view bytes);

// Advances `head` over one entry if it counts, and says what became of it. Total: never fails. A
// genesis counts at offset 0 only.
Fate Classify(ChainHead& head, Offset offset, const EntryFrame& frame, std::string_view bytes);

}  // namespace jalon::eventstore
