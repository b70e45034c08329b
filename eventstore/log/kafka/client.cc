#include "eventstore/log/kafka/client.h"

#include <fmt/format.h>

#include <chrono>
#include <string_view>
#include <thread>

namespace jalon::eventstore::kafka {
namespace {

constexpr size_t kErrorBytes = 512;  // what librdkafka asks for

constexpr std::chrono::milliseconds kAskAgain{100};

using Places = std::unique_ptr<rd_kafka_topic_partition_list_t,
                               Destroy<rd_kafka_topic_partition_list_destroy>>;

// A leader that was chosen, or left, a moment ago: the next answer may be another.
bool Passes(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
         error == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
         error == RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE ||
         error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
         error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

void OnLog(const rd_kafka_t* handle, int level, const char* facility, const char* text) {
  constexpr int kWarning = 4;  // of syslog
  const auto* options = static_cast<const KafkaOptions*>(rd_kafka_opaque(handle));
  // Of settings it warns at each start, and they are ours.
  if (facility == std::string_view("CONFWARN")) return;
  if (level > kWarning || options == nullptr || !options->on_trouble) return;
  options->on_trouble(fmt::format("{}: {}", facility, text));
}

}  // namespace

std::string LogTopic(const KafkaOptions& options) { return options.prefix + ".log.v1"; }
std::string OwnersTopic(const KafkaOptions& options) { return options.prefix + ".owners.v1"; }

Result<Handle> MakeHandle(rd_kafka_type_t type, const KafkaOptions& options,
                          const Settings& settings, OnDelivery on_delivery) {
  char error[kErrorBytes];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  Settings all = {
      {"bootstrap.servers", options.brokers},
      {"client.id", "jalon"},
      {"socket.nagle.disable", "true"},
      {"reconnect.backoff.max.ms", "1000"},
      // A broker that is paused keeps its connections: only this ends what waits for it.
      {"socket.timeout.ms", std::to_string(options.patience.count())},
      {"topic.metadata.refresh.interval.ms", std::to_string(options.watch_interval.count())},
      {"allow.auto.create.topics", "false"},
  };
  all.insert(all.end(), settings.begin(), settings.end());
  for (const auto& [name, value] : all) {
    if (rd_kafka_conf_set(conf, name, value.c_str(), error, sizeof error) != RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      return Fail(Code::kInvalidArgument, "CONFIG_INVALID",
                  fmt::format("Kafka client: {}; correct it and start again", error));
    }
  }
  rd_kafka_conf_set_opaque(conf, const_cast<KafkaOptions*>(&options));
  rd_kafka_conf_set_log_cb(conf, OnLog);
  if (on_delivery != nullptr) rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  Handle handle(rd_kafka_new(type, conf, error, sizeof error));
  if (handle == nullptr) {
    rd_kafka_conf_destroy(conf);
    return Fail(Code::kInternal, "INTERNAL",
                fmt::format("no Kafka client: {}; see what the process may use", error));
  }
  return handle;
}

Result<Topic> MakeTopic(rd_kafka_t* handle, const std::string& name, const char* past_end) {
  char error[kErrorBytes];
  // With what the handle's settings say of topics, such as message.timeout.ms: a new one would have
  // librdkafka's defaults instead.
  rd_kafka_topic_conf_t* conf = rd_kafka_default_topic_conf_dup(handle);
  if (rd_kafka_topic_conf_set(conf, "auto.offset.reset", past_end, error, sizeof error) !=
      RD_KAFKA_CONF_OK) {
    rd_kafka_topic_conf_destroy(conf);
    return Fail(Code::kInternal, "INTERNAL", error);
  }
  Topic topic(rd_kafka_topic_new(handle, name.c_str(), conf));
  if (topic == nullptr) {
    return Fail(Code::kInvalidArgument, "CONFIG_INVALID",
                fmt::format("topic {}: {}; choose another prefix", name,
                            rd_kafka_err2str(rd_kafka_last_error())));
  }
  return topic;
}

Error Unreachable(const KafkaOptions& options, rd_kafka_resp_err_t why) {
  return {Code::kUnavailable,
          "LOG_UNREACHABLE",
          fmt::format("Kafka at {}: {}; {}", options.brokers, rd_kafka_err2str(why), kTriedAgain),
          {}};
}

Result<std::vector<Replicas>> ReadReplicas(rd_kafka_t* handle, rd_kafka_topic_t* topic,
                                           const KafkaOptions& options) {
  const rd_kafka_metadata_t* raw = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_metadata(handle, 0, topic, &raw, static_cast<int>(options.patience.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(Unreachable(options, error));
  const Metadata metadata(raw);
  const rd_kafka_resp_err_t said =
      metadata->topic_cnt == 1 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN;
  if (said == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
    return Fail(Code::kNotFound, "LOG_NOT_BORN",
                fmt::format("there is no topic {} at {}; create the log with 'jalon log init'",
                            rd_kafka_topic_name(topic), options.brokers));
  }
  if (said != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(Unreachable(options, said));
  const rd_kafka_metadata_topic& found = metadata->topics[0];
  std::vector<Replicas> replicas(static_cast<size_t>(found.partition_cnt));
  for (int i = 0; i < found.partition_cnt; ++i) {
    const rd_kafka_metadata_partition& partition = found.partitions[i];
    if (static_cast<size_t>(partition.id) >= replicas.size()) continue;
    replicas[static_cast<size_t>(partition.id)] = {partition.leader, partition.isr_cnt,
                                                   partition.replica_cnt};
  }
  return replicas;
}

// rd_kafka_query_watermark_offsets would wait for a broker that is away without end.
Result<std::vector<uint64_t>> ReadEdges(rd_kafka_t* handle, Edge edge,
                                        const std::vector<Partition>& partitions,
                                        const KafkaOptions& options) {
  const auto last = std::chrono::steady_clock::now() + options.patience;
  while (true) {
    const Places places(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
    for (const Partition partition : partitions) {
      rd_kafka_topic_partition_list_add(places.get(), LogTopic(options).c_str(),
                                        static_cast<int32_t>(partition.value))
          ->offset = static_cast<int64_t>(edge);
    }
    rd_kafka_resp_err_t error = rd_kafka_offsets_for_times(
        handle, places.get(), static_cast<int>(options.patience.count()));
    std::vector<uint64_t> offsets;
    for (int i = 0; i < places->cnt; ++i) {
      const rd_kafka_topic_partition_t& place = places->elems[i];
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = place.err;
      offsets.push_back(static_cast<uint64_t>(place.offset));
    }
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return offsets;
    if (!Passes(error) || std::chrono::steady_clock::now() > last) {
      return std::unexpected(Unreachable(options, error));
    }
    std::this_thread::sleep_for(kAskAgain);
  }
}

Result<bool> IsShorter(rd_kafka_t* handle, rd_kafka_topic_t* topic, Partition partition,
                       uint64_t count, const KafkaOptions& options) {
  const auto last = std::chrono::steady_clock::now() + options.confirmation;
  Result<bool> shorter = std::unexpected(Unreachable(options, RD_KAFKA_RESP_ERR__TIMED_OUT));
  while (std::chrono::steady_clock::now() < last) {
    // Asking for the replicas tells the client who leads now.
    if (ReadReplicas(handle, topic, options)) {
      const auto ends = ReadEdges(handle, Edge::kEnd, {partition}, options);
      if (ends && (*ends)[0] >= count) return false;
      if (ends) shorter = true;
    }
    std::this_thread::sleep_for(kAskAgain);
  }
  return shorter;
}

Error Deleted(Partition partition, uint64_t first) {
  return {Code::kDataLoss,
          "LOG_CORRUPT",
          fmt::format("partition {} begins at offset {}: its first records were deleted; restore "
                      "the log from a backup",
                      partition.value, first),
          {}};
}

Error Diverged(Partition partition, uint64_t count) {
  return {Code::kDataLoss,
          "PARTITION_DIVERGED",
          fmt::format("partition {}: Kafka has fewer than the {} entries that were read; find out "
                      "what cut the topic, and restore the log from a backup",
                      partition.value, count),
          {}};
}

}  // namespace jalon::eventstore::kafka
