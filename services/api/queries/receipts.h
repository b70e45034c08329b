// Receipts: signed proofs that an entry was accepted into a trail, made from the receipts log of
// its partition (projections/trail/receipts_log.h).
//
// One is signed for what is counted and durable: rows are folded from counted records only. If the
// process dies before a receipt is out, it is made again, under the same or a later checkpoint.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/log/log.h"
#include "jalon/trail/v1/receipt.pb.h"
#include "projections/trail/receipts_log.h"
#include "services/api/queries/reader.h"
#include "services/api/queries/trail_names.h"

namespace jalon::api {

// A record may report five hundred things; a reply does not grow with them.
inline constexpr size_t kReceiptsPerReplyMax = 32;

// Which receipts: those of a record, or of one event of it.
struct ReceiptsWanted {
  Partition partition;
  Seq seq;
  std::optional<uint32_t> event = {};
};

struct ReceiptParts {
  Views& views;
  eventstore::Log& log;
  const TrailNames& names;
};

// Makes receipts in passes, and keeps from one to the next what the end of each receipts log is
// made of: a few kilobytes for each partition. A view that was built anew may contradict what was
// kept of the one before: what fails so is tried once more without it, and only then told.
//
// Thread safety: one thread at a time.
class ReceiptPasses {
 public:
  using Made = std::vector<trail::v1::Receipt>;

  // All of `parts` must outlive this.
  explicit ReceiptPasses(const ReceiptParts& parts) : parts_(parts) {}

  // Those wanted, at most kReceiptsPerReplyMax of each record, in the order asked. The receipts log
  // of each partition is signed once, all with one sync of the signer's memory.
  //
  // Errors: UNAVAILABLE SIGNER_ELSEWHERE; those of reading and of Signer::SignAll; DATA_LOSS if log
  // and rows do not say the same.
  // REQUIRES: the views reflect each record, which Views::Await says.
  std::vector<Result<Made>> Make(std::span<const ReceiptsWanted> wanted);

 private:
  // The receipts log of a partition, in one life of the log.
  struct Kept {
    Bytes log_incarnation;
    std::string origin;
    std::unique_ptr<projections::ReceiptsLog> log;
  };
  // One, as it is now, and how it was signed.
  struct Opened {
    Kept* kept = nullptr;
    projections::TreeState now = {};
    std::string checkpoint = {};
    std::string verifier_key = {};
  };
  using Pass = std::map<Partition, Result<Opened>>;

  Result<Opened> Open(Partition partition);
  void Sign(Pass& pass) const;
  static Result<Made> MakeOf(const ReceiptsWanted& wanted, const Opened& opened);

  const ReceiptParts parts_;
  std::map<Partition, Kept> kept_;
};

// Thread safety: any thread.
class Receipts {
 public:
  using Made = ReceiptPasses::Made;

  // All of `parts` must outlive this.
  explicit Receipts(const ReceiptParts& parts) : parts_(parts) {}

  // False: this node signs nothing, or not yet.
  bool CanSign() const { return parts_.names.CanSign(); }

  // One pass, as ReceiptPasses::Make.
  std::vector<Result<Made>> Make(std::span<const ReceiptsWanted> wanted) const {
    return Passes().Make(wanted);
  }
  // For who makes many.
  ReceiptPasses Passes() const { return ReceiptPasses(parts_); }

 private:
  const ReceiptParts parts_;
};

}  // namespace jalon::api
