#include "eventstore/log/classify.h"

#include <fmt/format.h>

#include <algorithm>

#include "eventstore/base/limits.h"
#include "eventstore/base/wire.h"
#include "eventstore/log/record.h"

namespace jalon::eventstore {
namespace {

using log::v1::Claim;
using log::v1::Entry;
using log::v1::FeatureLevelRaised;
using log::v1::Record;
using wire::Type;

constexpr size_t kNonceBytes = 16;

std::unexpected<Error> Corrupt(std::string_view what) {
  return Fail(Code::kDataLoss, "LOG_CORRUPT",
              fmt::format("the bytes of an entry are damaged: {}; stop this node, run 'jalon log "
                          "verify', and restore the log from a backup",
                          what));
}

bool ReadLevelRaised(std::string_view message, uint32_t* level) {
  wire::Reader reader(message);
  for (wire::Field field; reader.Next(&field);) {
    if (field.Is(FeatureLevelRaised::kLevelFieldNumber, Type::kVarint)) *level = field.U32();
  }
  return reader.ok();
}

bool ReadClaim(EntryFrame* frame) {
  wire::Reader reader(frame->body);
  for (wire::Field field; reader.Next(&field);) {
    if (field.Is(Claim::kLevelFieldNumber, Type::kVarint)) {
      frame->level = field.U32();
    } else if (field.Is(Claim::kEpochFieldNumber, Type::kVarint)) {
      frame->epoch = Epoch{field.number};
    } else if (field.Is(Claim::kNonceFieldNumber, Type::kBytes)) {
      frame->nonce = field.bytes;
    } else if (field.Is(Claim::kBaseSeqFieldNumber, Type::kVarint)) {
      frame->seq = Seq{field.number};
    } else if (field.Is(Claim::kBaseHashFieldNumber, Type::kBytes)) {
      frame->prev_hash = field.bytes;
    }
  }
  return reader.ok() && frame->nonce.size() == kNonceBytes &&
         frame->prev_hash.size() == sizeof(Hash);
}

bool ReadRecord(EntryFrame* frame) {
  wire::Reader reader(frame->body);
  for (wire::Field field; reader.Next(&field);) {
    if (field.Is(Record::kLevelFieldNumber, Type::kVarint)) {
      frame->level = field.U32();
    } else if (field.Is(Record::kEpochFieldNumber, Type::kVarint)) {
      frame->epoch = Epoch{field.number};
    } else if (field.Is(Record::kEpochIdFieldNumber, Type::kBytes)) {
      frame->epoch_id = field.bytes;
    } else if (field.Is(Record::kSeqFieldNumber, Type::kVarint)) {
      frame->seq = Seq{field.number};
    } else if (field.Is(Record::kPrevHashFieldNumber, Type::kBytes)) {
      frame->prev_hash = field.bytes;
    } else if (field.Is(Record::kRecordedAtFieldNumber, Type::kVarint)) {
      frame->recorded_at = field.I64();
    } else if (field.Is(Record::kFeatureLevelRaisedFieldNumber, Type::kBytes)) {
      if (!ReadLevelRaised(field.bytes, &frame->raises_level)) return false;
    }
  }
  return reader.ok() && frame->epoch_id.size() == sizeof(Hash) &&
         frame->prev_hash.size() == sizeof(Hash);
}

Fate ClassifyClaim(ChainHead& head, const EntryFrame& claim, std::string_view bytes) {
  if (claim.epoch <= head.epoch || claim.level < head.level) return Fate::kVoid;
  if (claim.epoch > head.epoch.Next()) return Fate::kDiverged;
  // Beyond the protocol's letter: who claims had counted more than we have read, so it is gone.
  if (claim.seq > head.seq) return Fate::kDiverged;
  if (claim.seq == head.seq && claim.prev_hash != View(head.hash)) return Fate::kDiverged;
  head.epoch = claim.epoch;
  head.epoch_id = head.hash = ChainAfterClaim(head.hash, bytes);
  return Fate::kCounted;
}

Fate ClassifyRecord(ChainHead& head, const EntryFrame& record, std::string_view bytes,
                    const Hash* record_hash) {
  if (record.epoch < head.epoch) return Fate::kVoid;  // a zombie's
  if (record.epoch > head.epoch || record.epoch_id != View(head.epoch_id)) return Fate::kDiverged;
  if (record.seq != head.seq.Next()) return Fate::kVoid;  // a copy, or after a gap
  if (record.prev_hash != View(head.hash)) return Fate::kDiverged;
  head.seq = record.seq;
  head.hash = record_hash != nullptr ? *record_hash : ChainAfterRecord(bytes);
  head.level = std::max(head.level, record.raises_level);
  return Fate::kCounted;
}

Fate ClassifyUnborn(ChainHead& head, Offset offset, const EntryFrame& frame,
                    std::string_view bytes) {
  if (offset != Offset{0} || frame.kind != EntryFrame::Kind::kGenesis) return Fate::kDiverged;
  head = ChainHead{};
  head.epoch_id = head.hash = ChainAfterGenesis(bytes);
  return Fate::kCounted;
}

}  // namespace

Result<EntryFrame> ReadFrame(std::string_view bytes) {
  wire::Reader entry(bytes);
  wire::Field kind;
  if (!entry.Next(&kind) || kind.type != Type::kBytes) return Corrupt("it is of no kind");
  wire::Field more;
  if (entry.Next(&more) || !entry.ok()) return Corrupt("bytes follow it");
  EntryFrame frame;
  frame.body = kind.bytes;
  switch (kind.id) {
    case Entry::kGenesisFieldNumber:
      frame.kind = EntryFrame::Kind::kGenesis;
      return frame;
    case Entry::kClaimFieldNumber:
      frame.kind = EntryFrame::Kind::kClaim;
      if (!ReadClaim(&frame)) return Corrupt("a malformed claim");
      return frame;
    case Entry::kRecordFieldNumber:
      frame.kind = EntryFrame::Kind::kRecord;
      if (!ReadRecord(&frame)) return Corrupt("a malformed record");
      return frame;
    default:
      return Corrupt(fmt::format("it is of the unknown kind {}", kind.id));
  }
}

bool IsBorn(const ChainHead& head) { return head.hash != Hash{}; }

Fate Classify(ChainHead& head, Offset offset, const EntryFrame& frame, std::string_view bytes,
              const Hash* record_hash) {
  if (frame.level > limits::kLevel) return Fate::kTooNew;
  Fate fate = Fate::kVoid;  // what a second genesis is
  if (!IsBorn(head)) {
    fate = ClassifyUnborn(head, offset, frame, bytes);
  } else if (frame.kind == EntryFrame::Kind::kClaim) {
    fate = ClassifyClaim(head, frame, bytes);
  } else if (frame.kind == EntryFrame::Kind::kRecord) {
    fate = ClassifyRecord(head, frame, bytes, record_hash);
  }
  if (fate == Fate::kCounted) head.offset = offset;
  return fate;
}

}  // namespace jalon::eventstore
