#include "tests/faults/left_behind.h"

#include <google/protobuf/message.h>

#include <memory>

#include "eventstore/base/clock.h"
#include "eventstore/base/hash.h"
#include "eventstore/log/classify.h"
#include "eventstore/log/rocks/rocks_log.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "jalon/event/v1/event_body.pb.h"

namespace jalon::faults {
namespace {

// The message of an event; null if it is of no known type or cannot be read.
std::unique_ptr<google::protobuf::Message> PayloadOf(const log::v1::Event& event) {
  const auto* field =
      event::v1::EventBody::descriptor()->FindFieldByNumber(static_cast<int>(event.type()));
  if (field == nullptr) return nullptr;
  std::unique_ptr<google::protobuf::Message> payload(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(field->message_type())
          ->New());
  if (!payload->ParseFromString(event.payload())) return nullptr;
  return payload;
}

// What a command of a client became.
void Hold(const log::v1::Record& record, uint32_t partition, Held* held) {
  held->heads[partition] = record.seq();
  if (record.request_id().empty()) {
    held->barriers[partition] += record.events().empty();
    return;
  }
  held->places[ToHex(record.request_id())].emplace_back(partition, record.seq());
}

Result<void> Take(const log::v1::Record& record, uint32_t partition, eventstore::Vault& vault,
                  LeftBehind* left) {
  for (const std::string& bytes : record.events()) {
    log::v1::Event event;
    const auto payload = event.ParseFromString(bytes) ? PayloadOf(event) : nullptr;
    if (payload == nullptr) return Fail(Code::kDataLoss, "LOG_CORRUPT", "an unreadable event");
    if (event.type() == event::v1::EventBody::kPolicySet) {
      left->held.policy_sets[partition].push_back(record.seq());
    }
    api::CountSealed(*payload, event.tenant(), vault, &left->sealed);
  }
  return {};
}

// Every entry of a partition, in order, and which of them count.
Result<void> TakePartition(eventstore::Log& log, Partition partition, bool is_system,
                           eventstore::Vault& vault, LeftBehind* left) {
  eventstore::ChainHead head;
  Offset next{0};
  while (true) {
    JALON_ASSIGN_OR_RETURN(const auto entries, log.ReadFrom(partition, next, {}));
    if (entries.empty()) return {};
    for (const eventstore::StoredEntry& stored : entries) {
      JALON_ASSIGN_OR_RETURN(const auto frame, eventstore::ReadFrame(*stored.bytes));
      const auto fate = eventstore::Classify(head, stored.offset, frame, *stored.bytes);
      const bool is_record = frame.kind == eventstore::EntryFrame::Kind::kRecord;
      if (fate != eventstore::Fate::kCounted && fate != eventstore::Fate::kVoid) {
        return Fail(Code::kDataLoss, "PARTITION_DIVERGED", "an entry that cannot be there");
      }
      const bool counts = fate == eventstore::Fate::kCounted;
      left->claims += counts && frame.kind == eventstore::EntryFrame::Kind::kClaim;
      if (!is_record) continue;
      log::v1::Record record;
      if (!record.ParseFromArray(frame.body.data(), static_cast<int>(frame.body.size()))) {
        return Fail(Code::kDataLoss, "LOG_CORRUPT", "an unreadable entry");
      }
      if (!counts) {
        left->voids.emplace_back(record.recorded_at());
        continue;
      }
      // In the system's partition stand commands that the server makes of a client's.
      if (!is_system) Hold(record, partition.value, &left->held);
      JALON_RETURN_IF_ERROR(Take(record, partition.value, vault, left));
    }
    next = Offset{entries.back().offset.value + 1};
  }
}

}  // namespace

Result<LeftBehind> ReadLog(eventstore::Log& log, const eventstore::Birth& birth,
                           eventstore::Vault& vault) {
  LeftBehind left;
  for (uint32_t i = 0; i < birth.Partitions(); ++i) {
    const bool is_system = i >= birth.partition_count;
    JALON_RETURN_IF_ERROR(TakePartition(log, Partition{i}, is_system, vault, &left));
  }
  return left;
}

Result<LeftBehind> ReadLeftBehind(const std::string& data) {
  const SystemClock clock;
  JALON_ASSIGN_OR_RETURN(const auto log, eventstore::RocksLog::OpenReadOnly(data + "/log"));
  JALON_ASSIGN_OR_RETURN(
      const auto vault, eventstore::OpenEmbeddedVault({data + "/keys", data + "/root.key"}, clock));
  return ReadLog(*log, log->birth(), *vault);
}

}  // namespace jalon::faults
