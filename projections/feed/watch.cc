#include "projections/feed/watch.h"

#include <algorithm>
#include <utility>

#include "eventstore/base/archive.h"
#include "eventstore/base/hash.h"
#include "eventstore/log/partition.h"

namespace jalon::projections {
namespace {

using eventstore::EntryFrame;
using eventstore::StoredEntry;

// The last record read of one partition.
struct Place {
  uint32_t partition = 0;
  Offset offset;
  Hash hash{};

  void Fields(auto& archive) { archive(partition, offset, hash); }
};

struct Places {
  Bytes log_incarnation;
  std::vector<Place> places;

  void Fields(auto& archive) { archive(log_incarnation, places); }
};

std::unexpected<Error> NoPosition() {
  return Fail(
      Code::kInvalidArgument, "FIELD_INVALID",
      "after_position is none that this log gave: pass what a response brought, or leave it "
      "out to begin with the first event");
}

// The cursor behind the record of that offset and hash.
Result<Cursor> CursorBehind(eventstore::Log& log, const Place& place, const Bytes& incarnation) {
  JALON_ASSIGN_OR_RETURN(const auto entries,
                         log.ReadFrom(Partition{place.partition}, place.offset, {.entries = 1}));
  if (entries.empty() || Sha256(*entries[0].bytes) != place.hash) return NoPosition();
  JALON_ASSIGN_OR_RETURN(const EntryFrame frame, eventstore::ReadFrame(*entries[0].bytes));
  if (frame.kind != EntryFrame::Kind::kRecord) return NoPosition();
  Cursor cursor{.head = {.epoch = frame.epoch,
                         .epoch_id = HashFrom(frame.epoch_id),
                         .seq = frame.seq,
                         .hash = place.hash,
                         .offset = place.offset,
                         .level = std::max(frame.level, frame.raises_level)},
                .log_incarnation = incarnation,
                .recorded_at = frame.recorded_at};
  return cursor;
}

}  // namespace

Result<std::unique_ptr<Watch>> Watch::Open(eventstore::Log& log, const eventstore::Birth& birth,
                                           WatchWish wish, std::function<void()> wake) {
  auto watch = std::unique_ptr<Watch>(new Watch(log, birth, std::move(wish), std::move(wake)));
  JALON_RETURN_IF_ERROR(watch->Begin());
  JALON_RETURN_IF_ERROR(watch->Follow());
  return watch;
}

Result<void> Watch::Follow() {
  std::vector<eventstore::Start> starts;
  for (const auto& [partition, lane] : lanes_) starts.push_back({Partition{partition}, lane.next});
  JALON_ASSIGN_OR_RETURN(follower_, log_.Follow(std::move(starts), wake_));
  return {};
}

Result<void> Watch::Begin() {
  for (const auto& [school, partition] : wish_.schools) {
    const auto after = wish_.after.find(school);
    last_["/schools/" + ToHex(school)] = after == wish_.after.end() ? "" : after->second;
    lanes_[partition.value];
  }
  Places places;
  if (!wish_.position.empty()) {
    if (!Decode(wish_.position, &places)) return NoPosition();
    if (places.log_incarnation != birth_.log_incarnation) {
      return Fail(Code::kFailedPrecondition, "POSITION_FROM_ANOTHER_LOG",
                  "after_position belongs to another life of the log, such as one before a backup "
                  "was restored: ask again without it, with the last sequences");
    }
  }
  for (const Place& place : places.places) {
    const auto lane = lanes_.find(place.partition);
    if (lane == lanes_.end()) continue;
    JALON_ASSIGN_OR_RETURN(lane->second.cursor, CursorBehind(log_, place, birth_.log_incarnation));
    lane->second.next = lane->second.cursor.Next();
    lane->second.last_record = place.offset;
    lane->second.last_hash = place.hash;
    lane->second.has_record = true;
  }
  for (auto& [partition, lane] : lanes_) {
    if (!wish_.until_now) continue;
    JALON_ASSIGN_OR_RETURN(lane.end, log_.Head(Partition{partition}));
  }
  return {};
}

bool Watch::IsWanted(const FeedRecord& record) const {
  const auto last = last_.find(record.source);
  return last != last_.end() && record.sequence > last->second;
}

bool Watch::IsDone() const {
  if (!wish_.until_now) return false;
  return std::ranges::all_of(lanes_,
                             [](const auto& lane) { return lane.second.next >= lane.second.end; });
}

Result<WatchedBatch> Watch::Next() {
  if (follower_ == nullptr) JALON_RETURN_IF_ERROR(Follow());
  WatchedBatch batch;
  if (IsDone()) {
    batch.done = true;
    return batch;
  }
  JALON_ASSIGN_OR_RETURN(const std::vector<StoredEntry> entries,
                         follower_->Poll({.entries = kWatchEntriesMax, .bytes = kWatchBytesMax}));
  batch.read = !entries.empty();
  for (const StoredEntry& entry : entries) {
    Lane& lane = lanes_[entry.partition.value];
    const Seq before = lane.cursor.head.seq;
    JALON_RETURN_IF_ERROR(ReadFeed(lane.cursor, birth_.began_at, entry.partition, entry.offset,
                                   *entry.bytes, &batch.records));
    lane.next = entry.offset.Next();
    if (lane.cursor.head.seq == before) continue;  // no record that counts
    lane.last_record = entry.offset;
    lane.last_hash = lane.cursor.head.hash;
    lane.has_record = true;
  }
  std::erase_if(batch.records, [this](const FeedRecord& record) { return !IsWanted(record); });
  batch.done = IsDone();
  return batch;
}

std::string Watch::Position() const {
  Places places{.log_incarnation = birth_.log_incarnation, .places = {}};
  for (const auto& [partition, lane] : lanes_) {
    if (lane.has_record) places.places.push_back({partition, lane.last_record, lane.last_hash});
  }
  std::string bytes;
  Encode(places, &bytes);
  return bytes;
}

}  // namespace jalon::projections
