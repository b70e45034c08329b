// Which entries of a partition count: one rule, applied alike by every reader (commit-protocol §2).
//
// Thread safety: none; a Chain belongs to one reader.
#pragma once

#include <string_view>

#include "eventstore/base/hash.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/log/log.h"
#include "jalon/log/v1/log.pb.h"

namespace jalon::eventstore {

// The head of the counted chain: after which entry the next one must come. The checkpoint of every
// fold holds one.
struct ChainHead {
  Epoch epoch{};
  Hash epoch_id{};
  Seq seq{};
  Hash hash{};
  Offset offset{};     // of the last counted entry
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
  Epoch epoch{};
  Seq seq{};                   // record: its own; claim: base_seq
  std::string_view epoch_id;   // record; 32 bytes
  std::string_view prev_hash;  // record; claim: base_hash; 32 bytes
  std::string_view nonce;      // claim; 16 bytes
  uint32_t raises_level = 0;   // record: FeatureLevelRaised
  int64_t recorded_at = 0;     // record
  std::string_view body;       // the encoded Genesis, Claim or Record itself
};

// Reads a frame without parsing the whole entry. DATA_LOSS LOG_CORRUPT if the bytes are no entry.
Result<EntryFrame> ReadFrame(std::string_view bytes);

// Whether `head` stands behind a genesis at least: a fresh ChainHead does not, and only a genesis
// at offset 0 counts for it.
bool IsBorn(const ChainHead& head);

// Advances `head` over one entry if it counts, and says what became of it. Total: never fails.
// REQUIRES: `frame` is of `bytes`; a reader passes the entries of a partition in order, from
// the one after head.offset on, or from offset 0 for a fresh head. Who encoded a record knows its
// hash (ChainAfterRecord) and passes it as `record_hash`, so that it is not computed twice.
Fate Classify(ChainHead& head, Offset offset, const EntryFrame& frame, std::string_view bytes,
              const Hash* record_hash = nullptr);

// For a start, a change of leader, a gap: reads the last entry that `head` counted once more and
// compares it. DATA_LOSS PARTITION_DIVERGED if it is gone or another one now; otherwise the errors
// of reading.
Result<void> CheckAnchor(Log& log, Partition partition, const ChainHead& head);

}  // namespace jalon::eventstore
