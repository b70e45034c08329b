// Receipts: signed proofs that an entry was accepted into a trail, made from the receipts log of
// its partition: its end from memory (projections/trail/receipts_tail.h), the rest from the views.
//
// One is signed for what is counted and durable: what a follower of the log sees is. If the process
// dies before a receipt is out, it is made again, under the same or a later checkpoint.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/mutex.h"
#include "eventstore/base/result.h"
#include "eventstore/log/log.h"
#include "jalon/trail/v1/receipt.pb.h"
#include "services/api/queries/receipt_tails.h"
#include "services/api/queries/trail_names.h"

namespace jalon::api {

// A record may report five hundred things; a reply does not grow with them.
inline constexpr size_t kReceiptsPerReplyMax = 32;

// Which receipts: those of a record, or of one event of it.
struct ReceiptsWanted {
  Partition partition;
  Seq seq;
  std::optional<uint32_t> event = {};
  Bytes log_incarnation = {};  // that of the position; empty: the log's own, whatever it is
};

// Why there is none yet of a record that this node has not counted: UNAVAILABLE with this reason.
inline constexpr const char* kNotCountedYet = "NOT_COUNTED_YET";
// Why there is none of a record of another life of the log: FAILED_PRECONDITION.
inline constexpr const char* kAnotherLog = "POSITION_FROM_ANOTHER_LOG";

// Thread safety: any thread; one pass at a time, and it writes and syncs the signer's memory.
class Receipts {
 public:
  using Made = std::vector<trail::v1::Receipt>;
  struct Parts {
    Views& views;
    eventstore::Log& log;
    const TrailNames& names;
    std::vector<Partition> partitions;  // that have receipts logs
  };

  // All that `parts` refers to must outlive this.
  explicit Receipts(const Parts& parts);

  // False: this node signs nothing, or not yet.
  bool CanSign() const { return names_.CanSign(); }

  // `news` is called when there is something to Advance over, from any thread; it must be quick,
  // and may be called until this is gone. REQUIRES: set before the first Make.
  void OnNews(std::function<void()> news);

  // One pass: those wanted, at most kReceiptsPerReplyMax of each record, in the order asked. The
  // receipts log of each partition is signed once, all with one sync of the signer's memory.
  //
  // Errors, for each: UNAVAILABLE SIGNER_ELSEWHERE, NOT_COUNTED_YET, VIEW_BEHIND (of an old record
  // only); FAILED_PRECONDITION POSITION_FROM_ANOTHER_LOG; those of reading and of Signer::SignAll;
  // DATA_LOSS if log and rows do not say the same.
  std::vector<Result<Made>> Make(std::span<const ReceiptsWanted> wanted);

  // Counts what the log has, so that the next pass need not; true if there is more at once.
  Result<bool> Advance();

 private:
  // A receipts log as it is now, and how it was signed.
  class Opened;
  using Pass = std::map<Partition, Result<std::unique_ptr<Opened>>>;

  Pass Open(std::span<const ReceiptsWanted> wanted) JALON_REQUIRES(mutex_);
  void Sign(Pass& pass) JALON_REQUIRES(mutex_);

  Views& views_;
  eventstore::Log& log_;
  const TrailNames& names_;
  Mutex mutex_;
  ReceiptTails tails_ JALON_GUARDED_BY(mutex_);
};

}  // namespace jalon::api
