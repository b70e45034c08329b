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

// Of each partition, some half a kilobyte each, and at least as many as a record has events; what
// is older is read from the views.
inline constexpr size_t kTailLinesMax = 512;

// Thread safety: one thread at a time.
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

  // `news` is called when Advance has something to do, from any thread; it must be quick. Set
  // before the first Advance.
  void OnNews(std::function<void()> news) { news_ = std::move(news); }

  // Counts what the log has, a bounded number of entries; true if there is more at once. An error
  // of one partition, or of reading, lets go of the tails that it concerns: they begin again where
  // their views stand by then.
  Result<bool> Advance();

  // Sees that there is one of a partition, which begins where its views stand. The errors of
  // Views::Read; DATA_LOSS INTERNAL if the rows say two things.
  Result<void> Begin(Partition partition);
  // Null if there is none.
  const projections::ReceiptsTail* Find(Partition partition) const {
    const auto tail = tails_.find(partition);
    return tail == tails_.end() ? nullptr : &tail->second;
  }
  // Lets go of one that cannot be what was signed.
  void LetGo(Partition partition) { tails_.erase(partition); }

 private:
  Result<void> BeginOne(Partition partition);
  Result<void> Follow();

  const Parts parts_;
  std::function<void()> news_;
  bool begun_ = false;
  std::map<Partition, projections::ReceiptsTail> tails_;
  std::unique_ptr<eventstore::Follower> follower_;
};

}  // namespace jalon::api
