#include "eventstore/log/rocks/follower.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace jalon::eventstore::rocks {

Result<std::vector<StoredEntry>> ReadPartition(Sources sources, Partition partition, Offset first,
                                               ReadLimit limit) {
  std::vector<StoredEntry> entries;
  ReadBudget budget(limit);
  const bool from_ring = sources.ring.Read(partition, first.value, budget, &entries);
  sources.counters.CountPoll(from_ring);
  if (!from_ring) {
    const uint64_t end = sources.ring.NextCommit();
    uint64_t next = first.value;
    JALON_RETURN_IF_ERROR(Scan(sources.database).Read(partition, &next, end, budget, &entries));
    if (entries.empty()) return std::unexpected(MissingEntry(end));
  }
  return entries;
}

Result<std::unique_ptr<Follower>> RocksFollower::Make(Sources sources, Watchers& watchers,
                                                      std::vector<Start> from,
                                                      std::function<void()> wake) {
  auto follower = std::unique_ptr<RocksFollower>(
      new RocksFollower(sources, watchers, std::move(from), std::move(wake)));
  JALON_RETURN_IF_ERROR(follower->PlaceCursor());
  return follower;
}

RocksFollower::RocksFollower(Sources sources, Watchers& watchers, std::vector<Start> from,
                             std::function<void()> wake)
    : sources_(sources),
      watchers_(watchers),
      from_(std::move(from)),
      waker_(std::make_shared<Waker>(std::move(wake))) {
  for (const Start& start : from_) watchers_.Add(start.partition, waker_);
}

RocksFollower::~RocksFollower() {
  for (const Start& start : from_) watchers_.Remove(start.partition, waker_);
  waker_->Retire();
}

// Finds the first commit number that any of the partitions wants.
Result<void> RocksFollower::PlaceCursor() {
  cursor_.commit = sources_.ring.NextCommit();
  cursor_.next.assign(sources_.ring.PartitionCount(), Cursor::kNotFollowed);
  for (const Start& start : from_) {
    cursor_.next[start.partition.value] = start.offset.value;
    JALON_ASSIGN_OR_RETURN(const auto run, sources_.database.RunAt(start.partition, start.offset));
    if (!run || start.offset.value >= run->End()) continue;  // it is at the partition's end
    cursor_.commit =
        std::min(cursor_.commit, run->first_commit + (start.offset.value - run->first.value));
  }
  return {};
}

Result<std::vector<StoredEntry>> RocksFollower::Poll(ReadLimit limit) {
  return ReadOrArm(*waker_, [&] { return Read(limit); });
}

Result<std::vector<StoredEntry>> RocksFollower::Read(ReadLimit limit) {
  std::vector<StoredEntry> entries;
  ReadBudget budget(limit);
  const bool from_ring = ReadRing(budget, &entries);
  sources_.counters.CountPoll(from_ring);
  if (from_ring) {
    scan_.reset();
  } else {
    JALON_RETURN_IF_ERROR(ReadDisk(budget, &entries));
  }
  return entries;
}

bool RocksFollower::ReadRing(ReadBudget& budget, std::vector<StoredEntry>* entries) {
  if (from_.size() != 1) return sources_.ring.Read(cursor_, budget, entries);
  const Partition partition = from_[0].partition;
  uint64_t& next = cursor_.next[partition.value];
  const bool read = sources_.ring.Read(partition, next, budget, entries);
  next += entries->size();
  return read;
}

Result<void> RocksFollower::ReadDisk(ReadBudget& budget, std::vector<StoredEntry>* entries) {
  const uint64_t end = sources_.ring.NextCommit();
  // What a scan sees is as old as the scan: at its end a new one sees the rest.
  for (const bool fresh : {scan_ == nullptr, true}) {
    if (fresh) scan_ = std::make_unique<Scan>(sources_.database);
    if (from_.size() == 1) {
      const Partition partition = from_[0].partition;
      uint64_t& next = cursor_.next[partition.value];
      JALON_RETURN_IF_ERROR(scan_->Read(partition, &next, end, budget, entries));
    } else {
      JALON_RETURN_IF_ERROR(scan_->Read(cursor_, end, budget, entries));
    }
    if (!entries->empty()) return {};
  }
  // The ring knows of more; a fresh scan sees all that was published before it.
  if (from_.size() == 1 || cursor_.commit < end) {
    return std::unexpected(MissingEntry(cursor_.commit));
  }
  return {};
}

}  // namespace jalon::eventstore::rocks
