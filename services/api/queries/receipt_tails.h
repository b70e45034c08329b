// The ends of all receipts logs, kept in memory while the log goes on: one reader of the log for
// all of them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/log/log.h"
#include "projections/trail/receipts_tail.h"
#include "services/api/queries/reader.h"

namespace jalon::api {

// Of each partition. Some half a kilobyte a line, and as many as the largest record has; what is
// older is read from the views, and proven with what these lag behind by.
inline constexpr projections::ReceiptsTail::Limits kTailMax{
    .lines = 512, .entry_bytes = size_t{1} << 20, .leaves = uint64_t{1} << 14};

// Thread safety: one thread at a time; the follower, which may wait for brokers, from one thread.
class ReceiptTails {
 public:
  struct Parts {
    Views& views;
    eventstore::Log& log;
    Bytes deployment;  // 16 bytes
    std::vector<Partition> partitions;
  };

  // All that `parts` refers to must outlive this.
  explicit ReceiptTails(Parts parts) : parts_(std::move(parts)) {}

  // `news` is called when there is more to Poll, from any thread; it must be quick. Set before the
  // first Follow.
  void OnNews(std::function<void()> news) { news_ = std::move(news); }

  // Sees that there is one of each partition whose views serve.
  void BeginAll();
  // Sees that there is one of a partition, which begins where its views stand. The errors of
  // Views::Read; DATA_LOSS INTERNAL if the rows say two things.
  Result<void> Begin(Partition partition);
  // Sees that all are read on from where they are; null where there is none. The errors of
  // Log::Follow. What it returns lives until the next call of this or of LetGoOfAll.
  Result<eventstore::Follower*> Follow();
  // Counts what the follower read. The first error of a partition, which is let go of: it begins
  // again where its views stand by then.
  Result<void> Take(const std::vector<eventstore::StoredEntry>& entries);
  // Lets go of what is not needed any more.
  void Trim();

  // Null if there is none.
  const projections::ReceiptsTail* Find(Partition partition) const {
    const auto tail = tails_.find(partition);
    return tail == tails_.end() ? nullptr : &tail->second;
  }
  // Lets go of one that cannot be what was signed.
  void LetGo(Partition partition) { tails_.erase(partition); }
  void LetGoOfAll();

 private:
  const Parts parts_;
  std::function<void()> news_;
  bool begun_ = false;
  std::map<Partition, projections::ReceiptsTail> tails_;
  std::unique_ptr<eventstore::Follower> follower_;
  bool follows_all_ = false;  // none began since it was made
};

}  // namespace jalon::api
