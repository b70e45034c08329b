#include <fmt/format.h>

#include <algorithm>

#include "eventstore/log/classify.h"
#include "eventstore/log/record.h"

namespace jalon::eventstore {
namespace {

// A claim does not always name the chain value before it: records may have counted between what its
// node had read and its own place. That value is then the hash of one of the entries just before.
constexpr uint64_t kEntriesBeforeClaimMax = 16'384;

// The chain value after an entry that is no claim.
Hash ChainAfter(std::string_view bytes) {
  const Result<EntryFrame> frame = ReadFrame(bytes);
  const bool born_here = frame && frame->kind == EntryFrame::Kind::kGenesis;
  return born_here ? ChainAfterGenesis(bytes) : ChainAfterRecord(bytes);
}

std::unexpected<Error> Diverged(Partition partition, const ChainHead& head, std::string_view what) {
  return Fail(
      Code::kDataLoss, "PARTITION_DIVERGED",
      fmt::format("partition {}: the entry at offset {}, counted before as sequence number {}, {}; "
                  "the log lost or changed acknowledged bytes: restore it from a backup",
                  partition.value, head.offset.value, head.seq.value, what));
}

// Whether `claim`, counted at head.offset, follows any of the entries before it as `head` says.
Result<bool> FollowsSomethingBefore(Log& log, Partition partition, const ChainHead& head,
                                    std::string_view claim) {
  const uint64_t end = head.offset.value;
  uint64_t at = end - std::min(end, kEntriesBeforeClaimMax);
  while (at < end) {
    JALON_ASSIGN_OR_RETURN(const auto entries,
                           log.ReadFrom(partition, Offset{at}, {.entries = end - at}));
    if (entries.empty()) return false;
    for (const StoredEntry& entry : entries) {
      if (ChainAfterClaim(ChainAfter(*entry.bytes), claim) == head.hash) return true;
    }
    at = entries.back().offset.value + 1;
  }
  return false;
}

}  // namespace

Result<void> CheckAnchor(Log& log, Partition partition, const ChainHead& head) {
  JALON_ASSIGN_OR_RETURN(const auto entries, log.ReadFrom(partition, head.offset, {.entries = 1}));
  if (entries.empty() || entries[0].offset != head.offset) {
    return Diverged(partition, head, "is gone");
  }
  const std::string& bytes = *entries[0].bytes;
  if (ChainAfter(bytes) == head.hash) return {};
  const Result<EntryFrame> frame = ReadFrame(bytes);
  if (frame && frame->kind == EntryFrame::Kind::kClaim) {
    if (ChainAfterClaim(HashFrom(frame->prev_hash), bytes) == head.hash) return {};
    JALON_ASSIGN_OR_RETURN(const bool follows, FollowsSomethingBefore(log, partition, head, bytes));
    if (follows) return {};
  }
  return Diverged(partition, head, "is another one now");
}

}  // namespace jalon::eventstore
