#include "projections/trail/receipts_tail.h"

#include <algorithm>
#include <utility>

#include "eventstore/trail/origin.h"
#include "eventstore/trail/tree.h"
#include "projections/views/leaves.h"
#include "projections/views/receipts.h"

namespace jalon::projections {

ReceiptsTail::ReceiptsTail(Partition partition, Bytes deployment, Cursor begin,
                           trail::Frontier tree)
    : partition_(partition),
      deployment_(std::move(deployment)),
      cursor_(std::move(begin)),
      since_(cursor_.head.seq),
      tree_(std::move(tree)) {}

Result<void> ReceiptsTail::Take(const eventstore::StoredEntry& entry) {
  static const EventTypes kTypes = LeafTypes();
  JALON_ASSIGN_OR_RETURN(const auto frame,
                         CountEntry(cursor_, partition_, entry.offset, *entry.bytes));
  if (!frame || frame->kind != eventstore::EntryFrame::Kind::kRecord) return {};
  const bool whole = ForEachEvent(*frame, entry.offset, [&](const EventView& event) {
    if (!IsLeaf(event, kTypes)) return true;
    const std::optional<trail::Place> place = PlaceOfLeaf(event);
    if (!place) return false;
    const ReceiptedEntry receipted{
        .event = event.index, .company_id = CompanyId::Of(place->key), .index = place->index};
    Line line{.seq = event.seq,
              .event = event.index,
              .received = {.company_id = receipted.company_id,
                           .index = receipted.index,
                           .trail = trail::TrailOrigin(deployment_, event.tenant, place->key),
                           .at = tree_.size(),
                           .line = ReceiptLineOf(deployment_, event.tenant, receipted,
                                                 trail::LeafHash(event.stored)),
                           .entry = Bytes(event.stored)}};
    tree_.Append(trail::LeafHash(line.received.line));
    entry_bytes_ += line.received.entry.size();
    lines_.push_back(std::move(line));
    return true;
  });
  if (!whole) return Stopped(partition_, entry.offset, "holds an event that is malformed");
  return {};
}

std::optional<std::vector<Received>> ReceiptsTail::Of(Seq seq, size_t most,
                                                      std::optional<uint32_t> index) const {
  if (seq <= since_ || seq > cursor_.head.seq) return std::nullopt;
  std::vector<Received> found;
  auto line = std::ranges::lower_bound(lines_, seq, {}, &Line::seq);
  for (; line != lines_.end() && line->seq == seq && found.size() < most; ++line) {
    if (!index || line->event == *index) found.push_back(line->received);
  }
  return found;
}

void ReceiptsTail::Keep(const Limits& limits) {
  while (lines_.size() > limits.lines || entry_bytes_ > limits.entry_bytes) {
    since_ = lines_.front().seq;
    for (; !lines_.empty() && lines_.front().seq == since_; lines_.pop_front()) {
      entry_bytes_ -= lines_.front().received.entry.size();
    }
  }
  tree_.ForgetBefore(tree_.size() - std::min(tree_.size(), limits.leaves));
}

}  // namespace jalon::projections
