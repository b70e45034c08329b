#include "services/node/placements.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "eventstore/base/thread_name.h"
#include "jalon/event/v1/event_body.pb.h"
#include "services/domain/signed_claim.h"

namespace jalon::node {
namespace {

using event::v1::EventBody;
using eventstore::EntryFrame;
using eventstore::Fate;
using eventstore::StoredEntry;

// How soon a log is asked again that could not be reached.
constexpr std::chrono::seconds kAskAgain{1};

std::optional<Partition> SystemOf(const eventstore::Birth& birth) {
  if (!birth.system_partition) return std::nullopt;
  return Partition{birth.partition_count};
}

std::optional<trail::PublicKey> KeyFrom(std::string_view bytes) {
  trail::PublicKey key;
  if (bytes.size() != key.size()) return std::nullopt;
  std::ranges::copy(bytes, key.begin());
  return key;
}

std::unexpected<Error> Diverged(const StoredEntry& entry, std::string_view what) {
  return Fail(Code::kDataLoss, "PARTITION_DIVERGED",
              fmt::format("the system partition, {}, at offset {}: {}; restore the log from a "
                          "backup",
                          entry.partition.value, entry.offset.value, what));
}

}  // namespace

Placements::Placements(const eventstore::Birth& birth, eventstore::Log& log,
                       std::function<void(const Error&)> on_fault)
    : log_(log),
      deployment_(birth.cluster_id),
      on_fault_(std::move(on_fault)),
      placement_(birth.partition_count, SystemOf(birth)) {}

Result<void> Placements::Open() {
  const auto system = placement_.System();
  if (!system) return {};
  JALON_ASSIGN_OR_RETURN(const Offset end, log_.Head(*system));
  JALON_RETURN_IF_ERROR(ReadUpTo(end));
  JALON_ASSIGN_OR_RETURN(follower_, log_.Follow({{*system, next_}}, [bell = bell_] {
    {
      MutexLock lock(bell->mutex);
      bell->more = true;
    }
    bell->rung.notify_one();
  }));
  return {};
}

Result<void> Placements::ReadUpTo(Offset end) {
  while (next_ < end) {
    JALON_ASSIGN_OR_RETURN(const auto entries, log_.ReadFrom(*placement_.System(), next_, {}));
    if (entries.empty()) {
      return Fail(Code::kUnavailable, "LOG_UNREADABLE",
                  fmt::format("the system partition ends at offset {}, and had {} entries: start "
                              "again",
                              next_.value, end.value));
    }
    for (const StoredEntry& entry : entries) JALON_RETURN_IF_ERROR(Fold(entry));
  }
  return {};
}

Result<void> Placements::Fold(const StoredEntry& entry) {
  next_ = entry.offset.Next();
  JALON_ASSIGN_OR_RETURN(const EntryFrame frame, eventstore::ReadFrame(*entry.bytes));
  switch (eventstore::Classify(head_, entry.offset, frame, *entry.bytes)) {
    case Fate::kVoid:
      return {};
    case Fate::kCounted:
      break;
    case Fate::kDiverged:
      return Diverged(entry, "the log lost or changed acknowledged bytes");
    case Fate::kTooNew:
      return Fail(Code::kFailedPrecondition, "NOT_SERVING",
                  "the system partition was written for a newer version: upgrade this node");
  }
  if (frame.kind != EntryFrame::Kind::kRecord) return {};
  log::v1::Record record;
  if (!record.ParseFromArray(frame.body.data(), static_cast<int>(frame.body.size()))) {
    return Diverged(entry, "a record that cannot be read");
  }
  for (const std::string& bytes : record.events()) {
    if (const std::string_view wrong = FoldEvent(bytes); !wrong.empty()) {
      return Diverged(entry, wrong);
    }
  }
  return {};
}

std::string_view Placements::FoldEvent(std::string_view bytes) {
  log::v1::Event event;
  if (!event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return "an event that cannot be read";
  }
  switch (event.type()) {
    case EventBody::kTenantPlacedFieldNumber:
      return FoldPlaced(event);
    case EventBody::kSignerClaimedFieldNumber:
      return FoldClaimed(event);
    default:
      return {};
  }
}

std::string_view Placements::FoldPlaced(const log::v1::Event& event) {
  event::v1::TenantPlaced placed;
  if (!placed.ParseFromString(event.payload())) return "a placement that cannot be read";
  if (placed.partition() >= placement_.PartitionCount()) {
    return "a placement in a partition that there is not";
  }
  placement_.Placed(event.tenant(), Partition{placed.partition()});
  return {};
}

std::string_view Placements::FoldClaimed(const log::v1::Event& event) {
  constexpr std::string_view kUnreadable = "a signer's claim that cannot be read";
  event::v1::SignerClaimed claimed;
  if (!claimed.ParseFromString(event.payload())) return kUnreadable;
  const auto key = KeyFrom(claimed.public_key());
  const auto previous = KeyFrom(claimed.previous_public_key());
  const bool has_previous = !claimed.previous_public_key().empty();
  if (!key || has_previous != previous.has_value() || claimed.generation() == 0) {
    return kUnreadable;
  }
  // Whoever decided it was to see to that: the seat is not given for anybody's word.
  if (!domain::IsSigned(claimed, deployment_)) return "a claim that its key has not signed";
  const auto last = claims_.Last();
  if (claimed.epoch() != (last ? last->epoch : 0) + 1) return "a claim out of its place";
  claims_.Counted({.claimant = claimed.claimant(),
                   .key = *key,
                   .previous_key = previous,
                   .epoch = claimed.epoch(),
                   .generation = claimed.generation()});
  return {};
}

void Placements::Start() {
  if (follower_ == nullptr) return;
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void Placements::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  {
    MutexLock lock(bell_->mutex);  // it may be about to wait
  }
  bell_->rung.notify_one();
  thread_.join();
}

Result<bool> Placements::Read() {
  while (true) {
    const auto entries = follower_->Poll({});
    if (!entries && entries.error().code == Code::kUnavailable) return true;
    if (!entries) return std::unexpected(entries.error());
    if (entries->empty()) return false;
    for (const StoredEntry& entry : *entries) JALON_RETURN_IF_ERROR(Fold(entry));
  }
}

void Placements::Run(const std::stop_token& stop) {
  NameThread("placements");
  while (!stop.stop_requested()) {
    {
      MutexLock lock(bell_->mutex);
      bell_->more = false;
    }
    const Result<bool> again = Read();
    if (!again) return on_fault_(again.error());
    MutexLock lock(bell_->mutex);
    const auto rung = [&]() JALON_REQUIRES(bell_->mutex) {
      return bell_->more || stop.stop_requested();
    };
    if (*again) {
      lock.WaitFor(bell_->rung, kAskAgain, rung);
    } else {
      lock.Wait(bell_->rung, rung);
    }
  }
}

}  // namespace jalon::node
