// A follower of the embedded log: reads the ring while it keeps up, and the disk where it does not.
#pragma once

#include <memory>
#include <vector>

#include "eventstore/log/log.h"
#include "eventstore/log/rocks/database.h"
#include "eventstore/log/rocks/ring.h"
#include "eventstore/log/rocks/scan.h"
#include "eventstore/log/rocks/stats.h"
#include "eventstore/log/watchers.h"

namespace jalon::eventstore::rocks {

// What all readers of one open log share.
struct Sources {
  const Database& database;
  const Ring& ring;
  Counters& counters;
};

// Entries of one partition from `first` on, out of the ring or, before it, the disk.
Result<std::vector<StoredEntry>> ReadPartition(Sources sources, Partition partition, Offset first,
                                               ReadLimit limit);

// Thread safety: one thread at a time, as every follower.
class RocksFollower final : public Follower {
 public:
  static Result<std::unique_ptr<Follower>> Make(Sources sources, Watchers& watchers,
                                                std::vector<Start> from,
                                                std::function<void()> wake);
  ~RocksFollower() override;
  Result<std::vector<StoredEntry>> Poll(ReadLimit limit) override;

 private:
  RocksFollower(Sources sources, Watchers& watchers, std::vector<Start> from,
                std::function<void()> wake);
  Result<void> PlaceCursor();
  Result<std::vector<StoredEntry>> Read(ReadLimit limit);
  bool ReadRing(ReadBudget& budget, std::vector<StoredEntry>* entries);
  Result<void> ReadDisk(ReadBudget& budget, std::vector<StoredEntry>* entries);

  const Sources sources_;
  Watchers& watchers_;
  const std::vector<Start> from_;
  const std::shared_ptr<Waker> waker_;
  Cursor cursor_;
  std::unique_ptr<Scan> scan_;  // while it reads the disk
};

}  // namespace jalon::eventstore::rocks
