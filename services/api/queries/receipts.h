// Receipts: signed proofs that an entry was accepted into a trail, made from the receipts log of
// its partition (projections/trail/receipts_log.h).
//
// One is signed for what is counted and durable: rows are folded from counted records only. If the
// process dies before a receipt is out, it is made again, under the same or a later checkpoint.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/log/log.h"
#include "jalon/trail/v1/receipt.pb.h"
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

// Thread safety: any thread.
class Receipts {
 public:
  struct Parts {
    Views& views;
    eventstore::Log& log;
    const TrailNames& names;
  };
  using Made = std::vector<trail::v1::Receipt>;

  // All of `parts` must outlive this.
  explicit Receipts(const Parts& parts) : parts_(parts) {}

  // False: this node signs nothing, or not yet.
  bool CanSign() const { return parts_.names.CanSign(); }

  // Those wanted, at most kReceiptsPerReplyMax of each record, in the order asked. The receipts log
  // of each partition is signed once, all with one sync of the signer's memory.
  //
  // Errors: UNAVAILABLE SIGNER_ELSEWHERE; those of reading and of Signer::SignAll; DATA_LOSS if log
  // and rows do not say the same.
  // REQUIRES: the views reflect each record, which Views::Await says.
  std::vector<Result<Made>> Make(std::span<const ReceiptsWanted> wanted) const;

 private:
  class Pass;

  const Parts parts_;
};

}  // namespace jalon::api
