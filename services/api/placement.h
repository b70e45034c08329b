// Which partition holds a school.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "eventstore/base/hash.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/mutex.h"
#include "eventstore/log/partition.h"

namespace jalon::api {

// Thread safety: any thread.
class Placement {
 public:
  // Schools are spread over `partition_count` partitions. `system`: the partition that says where
  // they are. A log that was born before there was one has none: there every school is where the
  // hash of its id says.
  explicit Placement(uint32_t partition_count, std::optional<Partition> system = std::nullopt)
      : partition_count_(partition_count), system_(system) {}
  Placement(const Placement&) = delete;
  Placement& operator=(const Placement&) = delete;

  uint32_t PartitionCount() const { return partition_count_; }
  std::optional<Partition> System() const { return system_; }

  Partition ByHash(std::string_view school_id) const {
    return eventstore::PartitionOf(ToHex(school_id), partition_count_);
  }
  // Where the school is; by the hash where nothing else is known of it, such as of one that is not
  // registered. What another node placed is known here a moment later: until then a school that is
  // not where its hash says is answered as one that is not there.
  Partition PartitionOf(std::string_view school_id) const JALON_EXCLUDES(mutex_) {
    if (system_) {
      MutexLock lock(mutex_);
      const auto found = placed_.find(Bytes(school_id));
      if (found != placed_.end()) return found->second;
    }
    return ByHash(school_id);
  }
  // False of one that is not registered, as far as is known here.
  bool Knows(std::string_view school_id) const JALON_EXCLUDES(mutex_) {
    if (!system_) return true;
    MutexLock lock(mutex_);
    return placed_.contains(Bytes(school_id));
  }
  // A school's placement, which counted: there is one of each school.
  void Placed(std::string_view school_id, Partition partition) JALON_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    placed_[Bytes(school_id)] = partition;
  }

 private:
  const uint32_t partition_count_;
  const std::optional<Partition> system_;
  mutable Mutex mutex_;
  std::unordered_map<Bytes, Partition> placed_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::api
