#include "tests/faults/log_trees.h"

#include <fmt/format.h>

#include <utility>

#include "eventstore/log/classify.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/origin.h"
#include "eventstore/trail/tlog_proof.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/event/v1/system_events.pb.h"

namespace jalon::faults {
namespace {

using eventstore::EntryFrame;
using eventstore::Fate;

std::unexpected<Error> Unreadable(Partition partition, Offset offset) {
  return Fail(
      Code::kDataLoss, "LOG_CORRUPT",
      fmt::format("entry {} of partition {} is not what follows", offset.value, partition.value));
}

}  // namespace

Result<LogTrees> LogTrees::Read(eventstore::Log& log, const eventstore::Birth& birth) {
  LogTrees trees(birth);
  for (Partition partition{0}; partition.value < birth.Partitions(); partition = partition.Next()) {
    JALON_RETURN_IF_ERROR(trees.ReadPartition(log, partition));
  }
  return trees;
}

Result<void> LogTrees::ReadPartition(eventstore::Log& log, Partition partition) {
  eventstore::ChainHead head;
  for (Offset next{0};;) {
    JALON_ASSIGN_OR_RETURN(const auto entries, log.ReadFrom(partition, next, {}));
    if (entries.empty()) return {};
    for (const eventstore::StoredEntry& entry : entries) {
      JALON_ASSIGN_OR_RETURN(const EntryFrame frame, eventstore::ReadFrame(*entry.bytes));
      const Fate fate = eventstore::Classify(head, entry.offset, frame, *entry.bytes);
      next = entry.offset.Next();
      if (fate == Fate::kVoid) continue;
      log::v1::Record record;
      bool sound = fate == Fate::kCounted;
      if (sound && frame.kind == EntryFrame::Kind::kRecord)
        sound = record.ParseFromString(std::string(frame.body));
      for (const std::string& stored : record.events()) sound = sound && Take(partition, stored);
      if (!sound) return Unreadable(partition, entry.offset);
    }
  }
}

bool LogTrees::Take(Partition partition, const std::string& stored) {
  log::v1::Event event;
  if (!event.ParseFromString(stored)) return false;
  if (event.has_trail()) {
    const std::string trail =
        trail::TrailOrigin(birth_.cluster_id, event.tenant(), event.trail().key());
    auto& entries = entries_[trail];
    if (event.trail().index() != entries.size()) return false;
    entries.push_back(stored);
    entries_[trail::ReceiptsOrigin(birth_.cluster_id, partition.value)].push_back(
        trail::FormatReceiptLine(
            {.trail = trail, .index = event.trail().index(), .leaf = trail::LeafHash(stored)}));
  }
  if (event.type() != event::v1::EventBody::kLogsPublished) return true;
  event::v1::LogsPublished published;
  if (!published.ParseFromString(event.payload())) return false;
  for (const type::v1::PublishedLog& log : published.logs()) {
    entries_[trail::RootOrigin(birth_.cluster_id)].push_back(trail::FormatCheckpoint(
        {.origin = log.origin(), .size = log.size(), .root = HashFrom(log.root())}));
  }
  return true;
}

const std::vector<std::string>& LogTrees::Entries(const std::string& origin) const {
  static const std::vector<std::string> kNone;
  const auto found = entries_.find(origin);
  return found == entries_.end() ? kNone : found->second;
}

Hash LogTrees::RootAt(const std::string& origin, uint64_t size) {
  const auto [tree, is_new] = trees_.try_emplace(origin, std::vector<Hash>());
  if (is_new) tree->second = trail::NaiveTree(trail::LeavesOf(Entries(origin)));
  return tree->second.Root(size);
}

}  // namespace jalon::faults
