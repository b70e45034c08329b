// librdkafka's handles with an owner, and its errors in our words. The only headers that include
// librdkafka's are those of this folder which say so in their first line.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/log/kafka/options.h"

namespace jalon::eventstore::kafka {

template <auto kDestroy>
struct Destroy {
  void operator()(auto* handle) const { kDestroy(handle); }
};
using Handle = std::unique_ptr<rd_kafka_t, Destroy<rd_kafka_destroy>>;
using Topic = std::unique_ptr<rd_kafka_topic_t, Destroy<rd_kafka_topic_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_destroy>>;
using Message = std::unique_ptr<rd_kafka_message_t, Destroy<rd_kafka_message_destroy>>;
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, Destroy<rd_kafka_metadata_destroy>>;

using Settings = std::vector<std::pair<const char*, std::string>>;

// The names of a deployment's topics: that of the log, and that of its nodes' heartbeats.
std::string LogTopic(const KafkaOptions& options);
std::string OwnersTopic(const KafkaOptions& options);

// A producer or consumer of these settings beside those that all of ours share. `on_delivery` may
// be null. `options` must outlive the handle.
// INVALID_ARGUMENT CONFIG_INVALID if librdkafka does not take a setting.
using OnDelivery = void (*)(rd_kafka_t*, const rd_kafka_message_t*, void*);
Result<Handle> MakeHandle(rd_kafka_type_t type, const KafkaOptions& options,
                          const Settings& settings, OnDelivery on_delivery = nullptr);

// A topic through that handle. `past_end` is what becomes of a reader past its end: "error" tells
// it, "latest" moves it there.
Result<Topic> MakeTopic(rd_kafka_t* handle, const std::string& name, const char* past_end);
// The topic of the log.
inline Result<Topic> MakeTopic(rd_kafka_t* handle, const KafkaOptions& options) {
  return MakeTopic(handle, LogTopic(options), "error");
}

// UNAVAILABLE LOG_UNREACHABLE: no broker answered, or not with what was asked for. It ends with
// these words, which WhereNobodyTriesAgain replaces.
inline constexpr std::string_view kTriedAgain = "it is tried again, see that the brokers run";
Error Unreachable(const KafkaOptions& options, rd_kafka_resp_err_t why);

// The leader and the replicas in sync of each partition of the topic, as a broker says now.
// NOT_FOUND LOG_NOT_BORN if that broker says that there is no such topic, which one that has just
// started may say wrongly.
struct Replicas {
  int32_t leader = -1;  // a broker's id; -1: none now
  int in_sync = 0;
  int copies = 0;
};
Result<std::vector<Replicas>> ReadReplicas(rd_kafka_t* handle, rd_kafka_topic_t* topic,
                                           const KafkaOptions& options);

// The first offset that the brokers hold of each of these partitions, or the one after the last.
enum class Edge : int { kFirst = RD_KAFKA_OFFSET_BEGINNING, kEnd = RD_KAFKA_OFFSET_END };
Result<std::vector<uint64_t>> ReadEdges(rd_kafka_t* handle, Edge edge,
                                        const std::vector<Partition>& partitions,
                                        const KafkaOptions& options);

// Whether the brokers have fewer than `count` entries of the partition, all of `confirmation` long.
// UNAVAILABLE: none said.
Result<bool> IsShorter(rd_kafka_t* handle, rd_kafka_topic_t* topic, Partition partition,
                       uint64_t count, const KafkaOptions& options);
// What that is called.
Error Diverged(Partition partition, uint64_t count);
// DATA_LOSS LOG_CORRUPT: the brokers hold nothing of the partition before `first`.
Error Deleted(Partition partition, uint64_t first);

}  // namespace jalon::eventstore::kafka
