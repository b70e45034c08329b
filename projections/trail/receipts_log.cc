#include "projections/trail/receipts_log.h"

#include <utility>

#include "eventstore/base/archive.h"
#include "eventstore/trail/origin.h"
#include "eventstore/trail/tree.h"
#include "projections/views/receipts.h"

namespace jalon::projections {

ReceiptsLog::ReceiptsLog(TrailRows rows, std::string_view deployment, Partition partition,
                         eventstore::Log& log)
    : rows_(std::move(rows)),
      deployment_(deployment),
      tree_(rows_, OnlyTree()),
      events_(partition, log) {}

Result<std::vector<Received>> ReceiptsLog::Of(Seq seq, size_t most, std::optional<uint32_t> index) {
  std::vector<Received> found;
  JALON_ASSIGN_OR_RETURN(const auto bytes, rows_.get(ReceiptsKey(seq)));
  if (!bytes) return found;
  ReceiptsRow row;
  if (!Decode(*bytes, &row)) return TrailRowsBroken();
  for (size_t i = 0; i < row.entries.size() && found.size() < most; ++i) {
    const ReceiptedEntry& entry = row.entries[i];
    if (index && entry.event != *index) continue;
    JALON_ASSIGN_OR_RETURN(const EventView event,
                           events_.Read({.offset = row.offset, .seq = seq, .index = entry.event}));
    const std::string_view stored = event.stored;
    Received received{
        .company_id = entry.company_id,
        .index = entry.index,
        .trail = trail::TrailOrigin(deployment_, row.school_id, entry.company_id.View()),
        .at = row.first + i,
        .line = ReceiptLineOf(deployment_, row.school_id, entry, trail::LeafHash(stored)),
        .entry = std::string(stored)};
    JALON_ASSIGN_OR_RETURN(const Hash leaf, tree_.Leaf(received.at));
    if (leaf != trail::LeafHash(received.line)) return TrailRowsBroken();
    found.push_back(std::move(received));
  }
  return found;
}

}  // namespace jalon::projections
