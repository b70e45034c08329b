// A follower of the log on Kafka: reads the recent entries while it keeps up, and the brokers where
// it does not, through a reader that it borrows for as long.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "eventstore/log/kafka/reach.h"
#include "eventstore/log/kafka/reader.h"
#include "eventstore/log/kafka/recent.h"
#include "eventstore/log/log.h"
#include "eventstore/log/watchers.h"

namespace jalon::eventstore::kafka {

// What all followers of one open log share.
struct Sources {
  const Recent& recent;
  Readers& readers;
  Reach& reach;
  Watchers& watchers;
};

// Thread safety: one thread at a time, as every follower.
class KafkaFollower final : public Follower {
 public:
  KafkaFollower(Sources sources, const std::vector<Start>& from, std::function<void()> wake);
  ~KafkaFollower() override;
  Result<std::vector<StoredEntry>> Poll(ReadLimit limit) override;

 private:
  struct Place {
    Partition partition;
    uint64_t next;          // the offset wanted
    uint64_t read_to = 0;   // by the reader
    bool borrowed = false;  // the reader reads it
  };

  Result<std::vector<StoredEntry>> Read(ReadLimit limit);
  // What it wants may be seen, is older than the recent entries, and its brokers answer.
  bool IsBehind(const Place& place) const {
    return place.next < EndOfOld(place.partition) && sources_.reach.Check(place.partition);
  }
  // Up to here it is the brokers that have what may be seen.
  uint64_t EndOfOld(Partition partition) const {
    return std::min(sources_.recent.First(partition), sources_.recent.Visible(partition));
  }
  bool AnyBehind() const;
  Result<void> ReadBrokers(ReadBudget& budget, std::vector<StoredEntry>* entries);
  Result<bool> HasReader();
  Place& PlaceOf(Partition partition) { return places_[index_[partition.value]]; }

  const Sources sources_;
  std::vector<Place> places_;
  std::vector<size_t> index_;  // of a partition's place
  size_t turn_ = 0;            // whose turn it is to be read first
  const std::shared_ptr<Waker> waker_;
  std::unique_ptr<Reader> reader_;
};

}  // namespace jalon::eventstore::kafka
