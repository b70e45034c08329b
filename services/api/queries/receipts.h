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
#include "eventstore/trail/checkpoint.h"
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

// Why a pass has none of a record: it is not counted yet (UNAVAILABLE), it is not in memory any
// more and has to be asked for (UNAVAILABLE), it is of another life of the log.
inline constexpr const char* kNotCountedYet = "NOT_COUNTED_YET";
inline constexpr const char* kNotInMemory = "NOT_IN_MEMORY";
inline constexpr const char* kAnotherLog = "POSITION_FROM_ANOTHER_LOG";

// Thread safety: Advance and Make from one thread, which reads the log; the rest from any.
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

  // False: this node signs nothing, or not yet, or not any more.
  bool CanSign() const { return names_.CanSign(); }

  // `news` is called when there is something to Advance over, from any thread; it must be quick,
  // and may be called until this is gone. REQUIRES: set before the first Make.
  void OnNews(std::function<void()> news);

  // One pass, of records that were just written: those wanted, at most kReceiptsPerReplyMax of
  // each, in the order asked. Counts what the log has first. The receipts log of each partition is
  // signed once, all with one sync of the signer's memory.
  //
  // Errors, for each: UNAVAILABLE SIGNER_ELSEWHERE, NOT_COUNTED_YET, NOT_IN_MEMORY, VIEW_BEHIND
  // (right after a start); FAILED_PRECONDITION POSITION_FROM_ANOTHER_LOG; those of reading, of
  // Follower::Poll and of Signer::SignAll; DATA_LOSS if log and rows do not say the same.
  std::vector<Result<Made>> Make(std::span<const ReceiptsWanted> wanted);
  // Counts what the log has, so that the next pass need not; true if there is more at once.
  Result<bool> Advance();

  // Those of a record that the views reflect, however old: under the checkpoint of the last pass,
  // or where that has not its entries, a new one.
  //
  // Errors: UNAVAILABLE SIGNER_ELSEWHERE, VIEW_BEHIND; those of reading and of Signer::SignAll;
  // DATA_LOSS if log and rows do not say the same.
  Result<Made> MakeAgain(const ReceiptsWanted& wanted);

 private:
  class Rows;
  class Opened;
  class Pass;
  // How a receipts log was signed last.
  struct Signed {
    trail::Checkpoint checkpoint;
    std::string note;
    std::string verifier_key;
  };

  // Sees that there are tails, and counts up to the log's end, or much of what there is. Why there
  // is no tail, by partition.
  std::map<Partition, Error> Count(std::span<const ReceiptsWanted> wanted);
  Result<bool> CountOnce();
  void Ring() const {
    if (news_) news_();
  }

  Views& views_;
  eventstore::Log& log_;
  const TrailNames& names_;
  std::function<void()> news_;
  // Held while the views' rows are read and the signer's memory is synced; not while the log is
  // read, which may wait for brokers.
  Mutex mutex_;
  ReceiptTails tails_ JALON_GUARDED_BY(mutex_);
  std::map<Partition, Signed> signed_ JALON_GUARDED_BY(mutex_);  // by passes
};

}  // namespace jalon::api
