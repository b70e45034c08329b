#include "projections/feed/relay.h"

#include <utility>

#include "eventstore/base/archive.h"
#include "eventstore/base/check.h"
#include "eventstore/base/hash.h"
#include "eventstore/log/classify.h"

namespace jalon::projections {
namespace {

using eventstore::OutletPlace;
using eventstore::StoredEntry;

// A ticket names a partition and a mark of it.
constexpr int kMarkBits = 44;
constexpr uint64_t kMarkMask = (uint64_t{1} << kMarkBits) - 1;

uint64_t TicketOf(Partition partition, uint64_t mark) {
  return (uint64_t{partition.value} << kMarkBits) | (mark & kMarkMask);
}

std::string StateOf(const Cursor& cursor) {
  std::string bytes;
  Encode(cursor, &bytes);
  return ToHex(bytes);
}

std::optional<Cursor> CursorOf(std::string_view state) {
  std::string bytes;
  std::optional<Cursor> cursor(std::in_place);
  if (!FromHex(state, &bytes) || !Decode(bytes, &*cursor)) return std::nullopt;
  return cursor;
}

bool MayPass(const Error& error) { return error.code == Code::kUnavailable; }

}  // namespace

Relay::Relay(eventstore::Log& log, eventstore::Outlet& outlet, const eventstore::Birth& birth,
             std::function<void()> wake)
    : log_(log),
      outlet_(outlet),
      birth_(birth),
      wake_(std::move(wake)),
      lanes_(birth.partition_count) {}

bool Relay::Step(Micros now) {
  if (status_.fault || now < try_at_) return false;
  Result<bool> worked = Work(now);
  if (worked) {
    status_.trouble.reset();
    return *worked;
  }
  try_at_ = now + kRelayTryAgain;
  broken_ = status_.running;
  (MayPass(worked.error()) ? status_.trouble : status_.fault) = std::move(worked).error();
  return false;
}

Result<bool> Relay::Work(Micros now) {
  if (!status_.running) JALON_RETURN_IF_ERROR(Begin());
  if (broken_) JALON_RETURN_IF_ERROR(Rewind());
  JALON_RETURN_IF_ERROR(Collect());
  JALON_RETURN_IF_ERROR(Hand());
  bool more = false;
  if (waiting_.empty() && status_.on_the_way < kRelayEventsMax) {
    JALON_ASSIGN_OR_RETURN(more, Read());
    JALON_RETURN_IF_ERROR(Hand());
  }
  KeepSometimes(now);
  return more;
}

// What was told arrived, whether its place is kept or not.
void Relay::KeepSometimes(Micros now) {
  if (now < keep_at_) return;
  keep_at_ = now + kRelayKeepEvery;
  const bool all = now >= keep_all_at_ || status_.not_kept;
  if (now >= keep_all_at_) keep_all_at_ = now + kRelayKeepAllEvery;
  if (all) {
    for (Lane& lane : lanes_) lane.kept = Offset{0};
  }
  Result<void> kept = Keep(false);
  status_.not_kept.reset();
  if (!kept) status_.not_kept = std::move(kept).error();
}

// Where an earlier relay was, if it followed this life of the log; else from the first entry on.
Result<void> Relay::Begin() {
  JALON_ASSIGN_OR_RETURN(const std::vector<OutletPlace> places, outlet_.Load());
  lanes_.assign(birth_.partition_count, {});
  status_.resumed = 0;
  for (const OutletPlace& place : places) JALON_RETURN_IF_ERROR(Resume(place));
  JALON_RETURN_IF_ERROR(Follow());
  status_.running = true;
  return {};
}

Result<void> Relay::Resume(const OutletPlace& place) {
  if (place.partition.value >= lanes_.size()) return {};
  const std::optional<Cursor> cursor = CursorOf(place.state);
  if (!cursor || cursor->log_incarnation != birth_.log_incarnation) return {};
  JALON_RETURN_IF_ERROR(eventstore::CheckAnchor(log_, place.partition, cursor->head));
  Lane& lane = lanes_[place.partition.value];
  lane.read = lane.told = *cursor;
  lane.kept = cursor->Next();
  ++status_.resumed;
  return {};
}

Result<void> Relay::Follow() {
  std::vector<eventstore::Start> starts;
  starts.reserve(lanes_.size());
  for (uint32_t p = 0; p < lanes_.size(); ++p) {
    starts.push_back({Partition{p}, lanes_[p].read.Next()});
  }
  follower_.reset();
  JALON_ASSIGN_OR_RETURN(follower_, log_.Follow(std::move(starts), wake_));
  return {};
}

// Back to what arrived.
Result<void> Relay::Rewind() {
  JALON_RETURN_IF_ERROR(outlet_.Reset());
  ++status_.resets;
  waiting_.clear();
  status_.on_the_way = 0;
  for (Lane& lane : lanes_) {
    lane.first_mark += lane.marks.size();
    lane.marks.clear();
    lane.read = lane.told;
  }
  JALON_RETURN_IF_ERROR(Follow());
  broken_ = false;
  return {};
}

Result<void> Relay::Collect() {
  JALON_ASSIGN_OR_RETURN(const std::vector<uint64_t> tickets, outlet_.Delivered());
  for (const uint64_t ticket : tickets) Arrived(ticket);
  return {};
}

void Relay::Arrived(uint64_t ticket) {
  Lane& lane = lanes_[ticket >> kMarkBits];
  const uint64_t mark = ((ticket & kMarkMask) - lane.first_mark) & kMarkMask;
  JALON_CHECK(mark < lane.marks.size() && lane.marks[mark].waiting > 0);
  --lane.marks[mark].waiting;
  --status_.on_the_way;
  ++status_.delivered;
  while (!lane.marks.empty() && lane.marks.front().waiting == 0) {
    lane.told = std::move(lane.marks.front().after);
    lane.marks.pop_front();
    ++lane.first_mark;
  }
}

Result<void> Relay::Hand() {
  for (; !waiting_.empty(); waiting_.pop_front()) {
    const auto& [record, ticket] = waiting_.front();
    JALON_ASSIGN_OR_RETURN(const bool taken, outlet_.Send({.key = record.partitionkey,
                                                           .headers = HeadersOf(record),
                                                           .value = record.data},
                                                          ticket));
    if (!taken) return {};
    ++status_.on_the_way;
  }
  return {};
}

// True if there may be more.
Result<bool> Relay::Read() {
  JALON_ASSIGN_OR_RETURN(const std::vector<StoredEntry> entries, follower_->Poll({}));
  for (const StoredEntry& entry : entries) {
    Lane& lane = lanes_[entry.partition.value];
    read_.clear();
    JALON_RETURN_IF_ERROR(
        ReadFeed(lane.read, birth_.began_at, entry.partition, entry.offset, *entry.bytes, &read_));
    if (!read_.empty()) {
      const uint64_t mark = lane.first_mark + lane.marks.size();
      lane.marks.push_back({lane.read, static_cast<uint32_t>(read_.size())});
      for (FeedRecord& record : read_) {
        waiting_.push_back({std::move(record), TicketOf(entry.partition, mark)});
      }
    } else {  // claims, barriers, void entries: passed with what is before them
      (lane.marks.empty() ? lane.told : lane.marks.back().after) = lane.read;
    }
  }
  return !entries.empty();
}

Result<void> Relay::Keep(bool wait) {
  std::vector<OutletPlace> places;
  for (uint32_t p = 0; p < lanes_.size(); ++p) {
    Lane& lane = lanes_[p];
    const Offset next = lane.told.Next();
    if (next == lane.kept || next.value == 0) continue;
    places.push_back({.partition = Partition{p}, .next = next, .state = StateOf(lane.told)});
    lane.kept = next;
  }
  return outlet_.Keep(places, wait);
}

Result<void> Relay::KeepNow() {
  if (!status_.running || broken_ || status_.fault) return {};
  JALON_RETURN_IF_ERROR(Collect());
  return Keep(true);
}

}  // namespace jalon::projections
