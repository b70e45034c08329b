#include "services/api/queries/receipt_tails.h"

#include <utility>

#include "projections/trail/trail_tree.h"
#include "projections/views/receipts.h"
#include "services/api/queries/trail_of.h"

namespace jalon::api {
namespace {

using projections::ReceiptsTail;

// Whoever waits for a receipt waits for what is read at once.
constexpr eventstore::ReadLimit kPollLimit{.entries = 4096, .bytes = 16 * 1024 * 1024};

}  // namespace

Result<void> ReceiptTails::BeginOne(Partition partition) {
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
  follower_.reset();
  return {};
}

// The first time all that serve: a follower that is made again for each would cost more.
Result<void> ReceiptTails::Begin(Partition partition) {
  for (size_t i = 0; !begun_ && i < parts_.partitions.size(); ++i) {
    if (parts_.partitions[i] != partition) (void)BeginOne(parts_.partitions[i]);
  }
  begun_ = true;
  return tails_.contains(partition) ? Result<void>() : BeginOne(partition);
}

Result<void> ReceiptTails::Follow() {
  std::vector<eventstore::Start> from;
  for (const auto& [partition, tail] : tails_) from.push_back({partition, tail.next()});
  JALON_ASSIGN_OR_RETURN(follower_, parts_.log.Follow(std::move(from), [news = news_] {
    if (news) news();
  }));
  return {};
}

Result<bool> ReceiptTails::Advance() {
  if (tails_.empty()) return false;
  if (follower_ == nullptr) JALON_RETURN_IF_ERROR(Follow());
  auto entries = follower_->Poll(kPollLimit);
  if (!entries) {
    tails_.clear();
    follower_.reset();
    return std::unexpected(std::move(entries).error());
  }
  Result<void> counted;
  for (const eventstore::StoredEntry& entry : *entries) {
    const auto tail = tails_.find(entry.partition);
    if (tail == tails_.end()) continue;  // let go of
    if (auto taken = tail->second.Take(entry); !taken) {
      tails_.erase(tail);
      counted = std::move(taken);
    }
  }
  for (auto& [partition, tail] : tails_) tail.KeepLast(kTailLinesMax);
  JALON_RETURN_IF_ERROR(counted);
  return !entries->empty();
}

}  // namespace jalon::api
