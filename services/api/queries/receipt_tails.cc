#include "services/api/queries/receipt_tails.h"

#include <utility>

#include "projections/trail/trail_tree.h"
#include "projections/views/receipts.h"
#include "services/api/queries/trail_of.h"

namespace jalon::api {

Result<void> ReceiptTails::Begin(Partition partition) {
  if (tails_.contains(partition)) return {};
  JALON_ASSIGN_OR_RETURN(std::shared_ptr<const Reader> reader,
                         parts_.views.Read(partition, projections::PartitionScope()));
  const projections::TrailRows rows = TrailRowsOf(reader, projections::kReceipts);
  projections::TrailTree tree(rows, projections::OnlyTree());
  JALON_ASSIGN_OR_RETURN(trail::Frontier frontier, tree.Frontier());
  // Only the frontier is gone on from, and nothing holds it against the rows again.
  JALON_ASSIGN_OR_RETURN(const Hash root, tree.RootAt(frontier.size()));
  if (root != frontier.Root()) return projections::TrailRowsBroken();
  const type::v1::AsOf& as_of = reader->as_of();
  projections::Cursor cursor{.head = reader->head(),
                             .log_incarnation = as_of.position().log_incarnation(),
                             .recorded_at = as_of.recorded_at()};
  tails_.try_emplace(partition, partition, parts_.deployment, std::move(cursor),
                     std::move(frontier));
  follows_all_ = false;
  return {};
}

// At once: a follower that is made again for each would cost more.
void ReceiptTails::BeginAll() {
  if (begun_) return;
  begun_ = true;
  for (const Partition partition : parts_.partitions) {
    if (!Begin(partition)) begun_ = false;  // it says why where it is asked for
  }
}

Result<eventstore::Follower*> ReceiptTails::Follow() {
  if (tails_.empty()) return nullptr;
  if (follows_all_) return follower_.get();
  std::vector<eventstore::Start> from;
  from.reserve(tails_.size());
  for (const auto& [partition, tail] : tails_) from.push_back({partition, tail.next()});
  JALON_ASSIGN_OR_RETURN(follower_, parts_.log.Follow(std::move(from), [news = news_] {
    if (news) news();
  }));
  follows_all_ = true;
  return follower_.get();
}

Result<void> ReceiptTails::Take(const std::vector<eventstore::StoredEntry>& entries) {
  Result<void> counted;
  for (const eventstore::StoredEntry& entry : entries) {
    const auto tail = tails_.find(entry.partition);
    if (tail == tails_.end()) continue;  // let go of
    if (auto taken = tail->second.Take(entry); !taken) {
      tails_.erase(tail);
      if (counted) counted = std::move(taken);
    }
  }
  return counted;
}

void ReceiptTails::Trim() {
  for (auto& [partition, tail] : tails_) tail.Keep(kTailMax);
}

void ReceiptTails::LetGoOfAll() {
  tails_.clear();
  follower_.reset();
  follows_all_ = begun_ = false;
}

}  // namespace jalon::api
