#include "eventstore/log/kafka/follower.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace jalon::eventstore::kafka {
namespace {

using Milliseconds = std::chrono::milliseconds;
constexpr Milliseconds kFetch{100};

}  // namespace

KafkaFollower::KafkaFollower(Sources sources, const std::vector<Start>& from,
                             std::function<void()> wake)
    : sources_(sources), waker_(std::make_shared<Waker>(std::move(wake))) {
  index_.resize(sources.recent.PartitionCount());
  for (const Start& start : from) {
    index_[start.partition.value] = places_.size();
    places_.push_back({.partition = start.partition, .next = start.offset.value});
    sources_.watchers.Add(start.partition, waker_);
  }
}

KafkaFollower::~KafkaFollower() {
  if (reader_) {
    reader_->Stop();
    sources_.readers.GiveBack(std::move(reader_));
  }
  for (const Place& place : places_) sources_.watchers.Remove(place.partition, waker_);
  waker_->Retire();
}

Result<std::vector<StoredEntry>> KafkaFollower::Poll(ReadLimit limit) {
  return ReadOrArm(*waker_, [&] { return Read(limit); });
}

Result<std::vector<StoredEntry>> KafkaFollower::Read(ReadLimit limit) {
  for (const Place& place : places_) {
    if (auto fault = sources_.recent.Fault(place.partition)) return std::unexpected(*fault);
  }
  std::vector<StoredEntry> entries;
  ReadBudget budget(limit);
  if (AnyBehind()) {
    const Result<void> read = ReadBrokers(budget, &entries);
    // A broker that is away holds up only what it alone has: the next poll asks again.
    if (!read && read.error().code != Code::kUnavailable) return std::unexpected(read.error());
    if (!read && reader_) sources_.readers.GiveBack(std::move(reader_));
  } else if (reader_) {
    reader_->Stop();
    sources_.readers.GiveBack(std::move(reader_));
  }
  for (size_t i = 0; i < places_.size(); ++i) {
    Place& place = places_[(turn_ + i) % places_.size()];
    const size_t before = entries.size();
    sources_.recent.Read(place.partition, place.next, budget, &entries);
    place.next += entries.size() - before;
  }
  ++turn_;
  return entries;
}

bool KafkaFollower::AnyBehind() const {
  return std::ranges::any_of(places_, [this](const Place& place) { return IsBehind(place); });
}

Result<void> KafkaFollower::ReadBrokers(ReadBudget& budget, std::vector<StoredEntry>* entries) {
  JALON_ASSIGN_OR_RETURN(const bool lent, HasReader());
  if (!lent) return {};  // woken once one is given back
  // As a disk is waited for; but a broker that is away holds nobody up for long.
  const auto last = std::chrono::steady_clock::now() + kFetch;
  while (AnyBehind()) {
    const auto left =
        std::chrono::duration_cast<Milliseconds>(last - std::chrono::steady_clock::now());
    JALON_ASSIGN_OR_RETURN(std::optional<StoredEntry> entry,
                           reader_->Next(std::max(left, Milliseconds(0))));
    if (!entry) return {};
    Place& place = PlaceOf(entry->partition);
    place.read_to = entry->offset.value + 1;
    // What is recent by now comes from there. What may not be seen yet is read again once it may.
    if (entry->offset.value != place.next || !IsBehind(place)) continue;
    if (!budget.Take(entry->bytes->size())) {
      place.read_to = entry->offset.value;
      reader_->PutBack(std::move(*entry));
      return {};
    }
    place.next = entry->offset.value + 1;
    entries->push_back(std::move(*entry));
  }
  return {};
}

// A reader that reads every partition that is behind from its place on. False: none is to be had.
Result<bool> KafkaFollower::HasReader() {
  bool reads_all = reader_ != nullptr;
  for (const Place& place : places_) {
    reads_all = reads_all && (!IsBehind(place) || (place.borrowed && place.read_to == place.next));
  }
  if (reads_all) return true;
  if (reader_ == nullptr) {
    JALON_ASSIGN_OR_RETURN(reader_, sources_.readers.Borrow());
    if (reader_ == nullptr) return false;
  }
  std::vector<Start> behind;
  for (Place& place : places_) {
    place.borrowed = IsBehind(place);
    place.read_to = place.next;
    if (place.borrowed) behind.push_back({place.partition, Offset{place.next}});
  }
  reader_->OnReady([waker = waker_] { waker->Fire(); });
  const Reach::Time began = std::chrono::steady_clock::now();
  const Result<void> started = reader_->Start(behind);
  if (started) return true;
  // One of them; those that answer are heard again within a moment.
  for (const Start& start : behind) {
    sources_.reach.Silent(start.partition, started.error(), began);
  }
  return std::unexpected(started.error());
}

}  // namespace jalon::eventstore::kafka
