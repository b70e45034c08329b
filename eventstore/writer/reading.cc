// What an entry read from the log means to this writer.
#include <fmt/format.h>

#include <utility>

#include "eventstore/base/limits.h"
#include "eventstore/writer/impl.h"
#include "eventstore/writer/seeded_bugs.h"

namespace jalon::eventstore {

// True if more may be there at once.
bool Writer::Impl::Read() {
  // Cleared before the first poll: a wake that comes during it is not lost.
  const bool again = std::exchange(poll_failed_, false);
  if (!log_ready_.exchange(false, std::memory_order_acquire) && !again) return false;
  size_t budget = limits::kEntriesPerStepMax;
  while (true) {
    Result<std::vector<StoredEntry>> entries = follower_->Poll({.entries = budget});
    if (!entries) {
      if (entries.error().code != Code::kUnavailable) Stop(entries.error());
      poll_failed_ = true;
      return false;
    }
    if (entries->empty()) return false;
    for (const StoredEntry& entry : *entries) {
      OnEntry(entry);
      if (stopped()) return false;
    }
    if (entries->size() >= budget) break;
    budget -= entries->size();
  }
  log_ready_.store(true, std::memory_order_release);
  return true;
}

void Writer::Impl::OnEntry(const StoredEntry& entry) {
  if (IsBorn(state_.head()) && entry.offset <= state_.head().offset) {
    return Stop(
        {Code::kDataLoss,
         "PARTITION_DIVERGED",
         fmt::format("partition {}: the log shows offset {} after {} was counted, so it was "
                     "cut; restore it from a backup",
                     options_.partition.value, entry.offset.value, state_.head().offset.value),
         {}});
  }
  read_to_ = entry.offset.Next();
  const Result<EntryFrame> frame = ReadFrame(*entry.bytes);
  if (!frame) return Stop(frame.error());
  if (Seeded(SeededBug::kAnswerOnDelivery)) AnswerTooEarly(&entry.bytes);
  const bool own = status_.phase == Phase::kServing && IsOwn(entry, *frame);
  const Hash* hash = own ? &overlay_.records().front().hash : nullptr;
  switch (state_.Count(entry, *frame, hash)) {
    case Fate::kCounted:
      return own ? OnCountedOwn() : OnCounted(entry, *frame);
    case Fate::kVoid:
      ++status_.void_entries;
      return OnVoid(*frame);
    case Fate::kDiverged:
      return Stop({Code::kDataLoss,
                   "PARTITION_DIVERGED",
                   fmt::format("partition {}: the entry at offset {} does not follow what was "
                               "counted before; restore the log from a backup",
                               options_.partition.value, entry.offset.value),
                   {}});
    case Fate::kTooNew:
      Stop({Code::kFailedPrecondition,
            "NOT_SERVING",
            fmt::format("partition {}: the entry at offset {} is of level {}; upgrade this node",
                        options_.partition.value, entry.offset.value, frame->level),
            {}});
      status_.phase = Phase::kTooNew;
      return;
  }
}

void Writer::Impl::OnCounted(const StoredEntry& entry, const EntryFrame& frame) {
  if (frame.kind == EntryFrame::Kind::kClaim) return OnClaim(frame);
  if (frame.kind == EntryFrame::Kind::kGenesis) return;  // read at the start
  // While this writer serves, every record that counts is of its own epoch, and in flight here.
  if (status_.phase == Phase::kServing) {
    return Stop({Code::kDataLoss,
                 "PARTITION_DIVERGED",
                 fmt::format("partition {}: someone writes in the name of this writer, at offset "
                             "{}; find out who, then restart this node",
                             options_.partition.value, entry.offset.value),
                 {}});
  }
  if (const Result<void> folded = state_.FoldRecord(frame); !folded) Stop(folded.error());
}

// Whether the entry is the oldest record in flight: then nothing in it needs reading.
bool Writer::Impl::IsOwn(const StoredEntry& entry, const EntryFrame& frame) const {
  if (overlay_.records().empty()) return false;
  const InFlightRecord& oldest = overlay_.records().front();
  if (Seeded(SeededBug::kNoEpochId) && frame.seq == oldest.seq) return true;
  return entry.bytes == oldest.bytes || *entry.bytes == *oldest.bytes;
}

void Writer::Impl::OnCountedOwn() {
  InFlightRecord record = overlay_.Count();
  if (record.request != nullptr) {
    ++status_.accepted;
    const AcceptedRequest& request = record.request->second.request;
    answers_.Add(record.submission, AcceptedAs(request, /*repeated=*/false));
    for (Submission& joined : record.joined) {
      ++status_.repeats;
      answers_.Add(joined, AcceptedAs(request, /*repeated=*/true));
    }
  }
  ReleaseHeld();
}

void Writer::Impl::OnVoid(const EntryFrame& frame) {
  const ChainHead& head = state_.head();
  const bool of_this_epoch = status_.phase == Phase::kServing &&
                             frame.kind == EntryFrame::Kind::kRecord && frame.epoch == head.epoch;
  if (of_this_epoch && frame.seq > head.seq.Next()) gap_ = true;  // the one before is missing
}

}  // namespace jalon::eventstore
