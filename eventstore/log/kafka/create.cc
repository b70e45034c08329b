// How a log on Kafka is born: the topic, then a genesis in each partition.
#include <fmt/format.h>

#include <optional>
#include <set>
#include <utility>

#include "eventstore/log/kafka/kafka_log.h"
#include "eventstore/log/kafka/producer.h"
#include "eventstore/log/kafka/reader.h"
#include "eventstore/log/kafka/topic.h"
#include "eventstore/log/record.h"

namespace jalon::eventstore {
namespace {

using kafka::Handle;
using kafka::Topic;
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

using Geneses = std::vector<log::v1::Genesis>;

Result<void> WriteGeneses(const KafkaOptions& options, const Geneses& geneses,
                          const std::set<uint32_t>& missing) {
  if (missing.empty()) return {};
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
    JALON_RETURN_IF_ERROR(producer->Produce(Partition{p}, {EncodeGenesis(geneses[p])}, [] {}));
  }
  MutexLock lock(mutex);
  if (!lock.WaitFor(reported, options.delivery + options.patience,
                    [&] { return awaited.empty(); }) ||
      failed) {
    return std::unexpected(kafka::Unreachable(options, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT));
  }
  return {};
}

// What a partition begins with that is not empty.
Result<log::v1::Genesis> FirstOf(const KafkaOptions& options, Partition partition) {
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
  return entry.genesis();
}

// Two runs may be at it at once, and what one handed over may come after another began: the first
// genesis of partition 0 decides whose birth it is, and only then are the other partitions'
// written.
Result<log::v1::Genesis> BeginWith(const KafkaOptions& options, const log::v1::Genesis& first) {
  JALON_RETURN_IF_ERROR(WriteGeneses(options, {first}, {0}));
  return FirstOf(options, Partition{0});
}

// How much of a log is there once its topic is.
struct Begun {
  size_t partitions = 0;
  std::set<uint32_t> missing;               // partitions without a genesis
  std::optional<log::v1::Genesis> genesis;  // of one that has one
};

Result<Begun> Look(rd_kafka_t* handle, rd_kafka_topic_t* topic, const KafkaOptions& options) {
  Begun begun;
  JALON_ASSIGN_OR_RETURN(begun.partitions, kafka::AwaitLeaders(handle, topic, options));
  JALON_ASSIGN_OR_RETURN(begun.missing, EmptyPartitions(handle, begun.partitions, options));
  for (uint32_t p = 0; p < begun.partitions && !begun.genesis; ++p) {
    if (begun.missing.contains(p)) continue;
    JALON_ASSIGN_OR_RETURN(begun.genesis, FirstOf(options, Partition{p}));
  }
  return begun;
}

std::unexpected<Error> Exists(const KafkaOptions& options) {
  return Fail(Code::kAlreadyExists, "LOG_EXISTS",
              fmt::format("topic {} is there already, and holds another log; choose another prefix",
                          kafka::LogTopic(options)));
}

Result<void> CheckCount(const KafkaOptions& options, size_t is, size_t must) {
  if (is == must) return {};
  return Fail(Code::kFailedPrecondition, "LOG_MISCONFIGURED",
              fmt::format("topic {} has {} partitions, not {}; choose another prefix",
                          kafka::LogTopic(options), is, must));
}

// The topic of the nodes' heartbeats.
Result<void> CreateOwners(rd_kafka_t* handle, const KafkaOptions& options) {
  const Result<void> made = kafka::CreateTopic(handle, options, kafka::OwnersTopicSpec(options));
  return !made && made.error().code == Code::kAlreadyExists ? Result<void>() : made;
}

Result<void> CreateOf(const KafkaOptions& options, const Birth& birth) {
  JALON_ASSIGN_OR_RETURN(const Handle handle, kafka::MakeHandle(RD_KAFKA_PRODUCER, options, {}));
  JALON_ASSIGN_OR_RETURN(const Topic topic, kafka::MakeTopic(handle.get(), options));
  JALON_RETURN_IF_ERROR(CreateOwners(handle.get(), options));
  const Result<void> created = kafka::CreateTopic(
      handle.get(), options, kafka::LastingTopic(kafka::LogTopic(options), birth.Partitions()));
  const bool existed = !created && created.error().code == Code::kAlreadyExists;
  if (!created && !existed) return created;
  const KafkaOptions patient = kafka::Patient(options);
  JALON_ASSIGN_OR_RETURN(auto begun, Look(handle.get(), topic.get(), patient));
  if (begun.missing.empty()) return created;
  log::v1::Genesis first = begun.genesis.value_or(GenesisOf(birth, Partition{0}));
  const auto check = [&]() -> Result<void> {
    // One that was begun as a copy or restored is another's to finish.
    if (!first.origin().empty()) return Exists(options);
    return CheckCount(options, begun.partitions, BirthOf(first).Partitions());
  };
  JALON_RETURN_IF_ERROR(check());
  if (begun.missing.erase(0) > 0) {
    JALON_ASSIGN_OR_RETURN(first, BeginWith(patient, GenesisOf(BirthOf(first), Partition{0})));
    JALON_RETURN_IF_ERROR(check());
  }
  return WriteGeneses(patient, GenesesOf(BirthOf(first)), begun.missing);
}

Result<void> CreateWith(const KafkaOptions& options, const Geneses& geneses) {
  JALON_ASSIGN_OR_RETURN(const Handle handle, kafka::MakeHandle(RD_KAFKA_PRODUCER, options, {}));
  JALON_ASSIGN_OR_RETURN(const Topic topic, kafka::MakeTopic(handle.get(), options));
  const auto count = static_cast<uint32_t>(geneses.size());
  JALON_RETURN_IF_ERROR(CreateOwners(handle.get(), options));
  const Result<void> created = kafka::CreateTopic(
      handle.get(), options, kafka::LastingTopic(kafka::LogTopic(options), count));
  if (!created && created.error().code != Code::kAlreadyExists) return created;
  const KafkaOptions patient = kafka::Patient(options);
  JALON_ASSIGN_OR_RETURN(auto begun, Look(handle.get(), topic.get(), patient));
  JALON_RETURN_IF_ERROR(CheckCount(options, begun.partitions, geneses.size()));
  if (!begun.genesis && begun.missing.erase(0) > 0) {
    JALON_ASSIGN_OR_RETURN(begun.genesis, BeginWith(patient, geneses[0]));
  }
  if (begun.genesis) {
    const uint32_t p = begun.genesis->partition();
    if (p >= count || geneses[p].SerializeAsString() != begun.genesis->SerializeAsString()) {
      return Exists(options);
    }
  }
  return WriteGeneses(patient, geneses, begun.missing);
}

Result<std::optional<log::v1::Genesis>> WhatIsBegun(const KafkaOptions& options) {
  JALON_ASSIGN_OR_RETURN(const Handle handle, kafka::MakeHandle(RD_KAFKA_CONSUMER, options, {}));
  JALON_ASSIGN_OR_RETURN(const Topic topic, kafka::MakeTopic(handle.get(), options));
  const auto replicas = kafka::ReadReplicas(handle.get(), topic.get(), options);
  if (!replicas && replicas.error().code == Code::kNotFound) return std::nullopt;
  if (!replicas) return std::unexpected(replicas.error());
  JALON_ASSIGN_OR_RETURN(const auto begun, Look(handle.get(), topic.get(), options));
  return begun.genesis;
}

}  // namespace

Result<void> KafkaLog::Create(const KafkaOptions& options, const Birth& birth) {
  return WhereNobodyTriesAgain(CreateOf(options, birth));
}
Result<void> KafkaLog::Create(const KafkaOptions& options, const Geneses& geneses) {
  return WhereNobodyTriesAgain(CreateWith(options, geneses));
}
Result<std::optional<log::v1::Genesis>> KafkaLog::Begun(const KafkaOptions& options) {
  return WhereNobodyTriesAgain(WhatIsBegun(options));
}

}  // namespace jalon::eventstore
