// The log: one totally ordered, durable sequence of entries per partition. Everything else in Jalon
// is a fold of it.
//
// A log stores bytes and knows nothing of what they mean; which entries count is for classify.h. An
// entry's bytes are shared, never copied: the writer, the log's ring, the chain and every view read
// one encoding.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"

namespace jalon::eventstore {

using Blob = std::shared_ptr<const std::string>;

struct StoredEntry {
  Partition partition;
  Offset offset;
  Blob bytes;
};

// Where a reader starts in one partition: at this offset.
struct Start {
  Partition partition;
  Offset offset;
};

// How much one read returns at most; at least one entry is returned if one is there.
struct ReadLimit {
  size_t entries = 1024;
  size_t bytes = 4 * 1024 * 1024;
};

// Reads on as entries become durable.
//
// Thread safety: one thread at a time.
class Follower {
 public:
  virtual ~Follower() = default;
  // The next durable entries, in order within each partition; empty when there is none yet. Never
  // waits for new ones.
  virtual Result<std::vector<StoredEntry>> Poll(ReadLimit limit) = 0;
};

// Thread safety: every call may come from any thread; appends to one partition keep the
// order of one caller's calls.
// Durability: an entry seen by ReadFrom or a Follower survives a crash (rocks, kafka). The
// memory log loses what its fault plan says.
class Log {
 public:
  virtual ~Log() = default;

  // Hands the entries over and does not wait: that one is there is proven by reading it back, never
  // by this return. Those of one call arrive in order, with nothing of the same caller in between;
  // after a crash or a fault all of them, some, or none may be there (rocks: all or none).
  // REQUIRES: `entries` is not empty, none is longer than limits::kRecordBytesMax.
  // RESOURCE_EXHAUSTED DISK_FULL under the free-space floor; then nothing was handed over.
  // INVALID_ARGUMENT PARTITION_UNKNOWN, here and below, where the log has no such partition.
  virtual Result<void> Append(Partition partition, std::vector<Blob> entries) = 0;

  // What Append would say now if nothing were wrong with the entries: for those who would leave
  // something elsewhere before they append. RESOURCE_EXHAUSTED DISK_FULL.
  virtual Result<void> TakesEntries() { return {}; }

  // Durable entries of one partition from `first` on; empty at the end.
  virtual Result<std::vector<StoredEntry>> ReadFrom(Partition partition, Offset first,
                                                    ReadLimit limit) = 0;

  // Follows a set of partitions in one pass, each named once. `wake` is called from any thread,
  // without locks held, once each time the follower has more after Poll returned nothing; poll
  // before the first wait, for what is there already wakes nobody. It must be quick and must not
  // destroy the follower; it is not called any more once the follower is destroyed. The follower
  // must not outlive the log.
  virtual Result<std::unique_ptr<Follower>> Follow(std::vector<Start> from,
                                                   std::function<void()> wake) = 0;

  // The offset after the last durable entry: how many entries the partition has.
  virtual Result<Offset> Head(Partition partition) = 0;
};

}  // namespace jalon::eventstore
