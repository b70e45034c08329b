// How a log on Kafka is born: the topic, then a genesis in each partition.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "eventstore/log/kafka/kafka_log.h"
#include "eventstore/log/kafka/producer.h"
#include "eventstore/log/kafka/reader.h"
#include "eventstore/log/kafka/topic.h"
#include "eventstore/log/record.h"

namespace jalon::eventstore {
namespace {

using kafka::Handle;
using kafka::Replicas;
using kafka::Topic;
constexpr std::chrono::milliseconds kAskAgain{100};

// A new topic's leaders are chosen a moment after it was made.
Result<size_t> AwaitLeaders(rd_kafka_t* handle, rd_kafka_topic_t* topic,
                            const KafkaOptions& options) {
  const auto last = std::chrono::steady_clock::now() + options.patience;
  while (true) {
    const auto replicas = kafka::ReadReplicas(handle, topic, options);
    if (replicas && !replicas->empty() &&
        std::ranges::all_of(*replicas, [](const Replicas& each) { return each.leader >= 0; })) {
      return replicas->size();
    }
    if (std::chrono::steady_clock::now() > last) {
      if (!replicas) return std::unexpected(replicas.error());
      return std::unexpected(kafka::Unreachable(options, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE));
    }
    std::this_thread::sleep_for(kAskAgain);
  }
}

Result<std::set<uint32_t>> EmptyPartitions(rd_kafka_t* handle, size_t count,
                                           const KafkaOptions& options) {
  std::vector<Partition> all;
  all.reserve(count);
  for (uint32_t p = 0; p < count; ++p) all.push_back(Partition{p});
  JALON_ASSIGN_OR_RETURN(const auto ends,
                         kafka::ReadEdges(handle, kafka::Edge::kEnd, all, options));
  std::set<uint32_t> empty;
  for (uint32_t p = 0; p < count; ++p) {
    if (ends[p] == 0) empty.insert(p);
  }
  return empty;
}

Result<void> WriteGeneses(const KafkaOptions& options, const Birth& birth,
                          const std::set<uint32_t>& missing) {
  Mutex mutex;
  Condition reported;
  std::set<uint32_t> awaited = missing;
  bool failed = false;
  JALON_ASSIGN_OR_RETURN(
      const auto producer,
      kafka::Producer::Make(options, [&](Partition partition, std::optional<Offset> offset) {
        {
          MutexLock lock(mutex);
          awaited.erase(partition.value);
          failed = failed || !offset;
        }
        reported.notify_all();
      }));
  for (const uint32_t p : missing) {
    JALON_RETURN_IF_ERROR(
        producer->Produce(Partition{p}, {EncodeGenesis(GenesisOf(birth, Partition{p}))}, [] {}));
  }
  MutexLock lock(mutex);
  if (!lock.WaitFor(reported, options.delivery + options.patience,
                    [&] { return awaited.empty(); }) ||
      failed) {
    return std::unexpected(kafka::Unreachable(options, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT));
  }
  return {};
}

// The birth of which a partition tells that is not empty.
Result<Birth> BirthFrom(const KafkaOptions& options, Partition partition) {
  JALON_ASSIGN_OR_RETURN(const auto reader, kafka::Reader::Make(options));
  JALON_RETURN_IF_ERROR(reader->Start({{partition, Offset{0}}}));
  JALON_ASSIGN_OR_RETURN(const std::optional<StoredEntry> first, reader->Next(options.patience));
  log::v1::Entry entry;
  if (!first) return std::unexpected(kafka::Unreachable(options, RD_KAFKA_RESP_ERR__TIMED_OUT));
  if (!entry.ParseFromString(*first->bytes) || !entry.has_genesis()) {
    return Fail(Code::kFailedPrecondition, "LOG_CORRUPT",
                fmt::format("topic {} holds something else; choose another prefix",
                            kafka::LogTopic(options)));
  }
  return BirthOf(entry.genesis());
}

}  // namespace

Result<void> KafkaLog::Create(const KafkaOptions& options, const Birth& birth) {
  JALON_ASSIGN_OR_RETURN(const Handle handle, kafka::MakeHandle(RD_KAFKA_PRODUCER, options, {}));
  JALON_ASSIGN_OR_RETURN(const Topic topic, kafka::MakeTopic(handle.get(), options));
  const Result<void> owners =
      kafka::CreateTopic(handle.get(), options, kafka::OwnersTopicSpec(options));
  if (!owners && owners.error().code != Code::kAlreadyExists) return owners;
  const Result<void> created = kafka::CreateTopic(
      handle.get(), options, kafka::LastingTopic(kafka::LogTopic(options), birth.partition_count));
  const bool existed = !created && created.error().code == Code::kAlreadyExists;
  if (!created && !existed) return created;
  JALON_ASSIGN_OR_RETURN(const size_t count, AwaitLeaders(handle.get(), topic.get(), options));
  JALON_ASSIGN_OR_RETURN(const std::set<uint32_t> missing,
                         EmptyPartitions(handle.get(), count, options));
  if (missing.empty()) return created;
  Birth whole = birth;
  for (uint32_t p = 0; p < count && missing.size() < count; ++p) {
    if (missing.contains(p)) continue;
    JALON_ASSIGN_OR_RETURN(whole, BirthFrom(options, Partition{p}));
    break;
  }
  if (whole.partition_count != count) {
    return Fail(Code::kFailedPrecondition, "LOG_MISCONFIGURED",
                fmt::format("topic {} has {} partitions, not {}; choose another prefix",
                            kafka::LogTopic(options), count, whole.partition_count));
  }
  return WriteGeneses(options, whole, missing);
}

}  // namespace jalon::eventstore
