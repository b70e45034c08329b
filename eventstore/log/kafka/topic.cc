#include "eventstore/log/kafka/topic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <utility>

namespace jalon::eventstore::kafka {
namespace {

using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Destroy<rd_kafka_NewTopic_destroy>>;
using ConfigResource =
    std::unique_ptr<rd_kafka_ConfigResource_t, Destroy<rd_kafka_ConfigResource_destroy>>;
using AdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, Destroy<rd_kafka_AdminOptions_destroy>>;

constexpr size_t kErrorBytes = 512;
constexpr std::chrono::milliseconds kAskAgain{100};
// A new topic's leaders are chosen a moment after it was made; by brokers that are busy, many
// moments.
constexpr std::chrono::milliseconds kNewTopicPatience{30'000};

// What keeps every record for ever, in one order, under the time of the broker: a record that its
// client stamped too far ahead would be refused alone, and leave a gap.
constexpr std::array<std::pair<const char*, const char*>, 5> kLasting = {{
    {"cleanup.policy", "delete"},
    {"retention.ms", "-1"},
    {"retention.bytes", "-1"},
    {"unclean.leader.election.enable", "false"},
    {"message.timestamp.type", "LogAppendTime"},
}};

std::unexpected<Error> Misconfigured(const std::string& topic, const std::string& name,
                                     const std::string& is, const std::string& must) {
  return Fail(Code::kFailedPrecondition, "LOG_MISCONFIGURED",
              fmt::format("topic {}: {} is {}, it must be {}: records could be lost; set it with "
                          "kafka-configs and start again",
                          topic, name, is, must));
}

// Sends an admin request and waits for its answer.
template <typename Send>
Result<Event> Ask(rd_kafka_t* handle, const KafkaOptions& options, rd_kafka_admin_op_t op,
                  Send send) {
  const Queue queue(rd_kafka_queue_new(handle));
  const AdminOptions admin(rd_kafka_AdminOptions_new(handle, op));
  std::array<char, kErrorBytes> error;
  const int patience = static_cast<int>(options.patience.count());
  rd_kafka_AdminOptions_set_request_timeout(admin.get(), patience, error.data(), error.size());
  send(admin.get(), queue.get());
  Event event(rd_kafka_queue_poll(queue.get(), 2 * patience));
  const rd_kafka_resp_err_t failed =
      event == nullptr ? RD_KAFKA_RESP_ERR__TIMED_OUT : rd_kafka_event_error(event.get());
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(Unreachable(options, failed));
  return event;
}

Result<std::map<std::string, std::string>> ReadConfig(rd_kafka_t* handle,
                                                      const KafkaOptions& options,
                                                      const std::string& topic) {
  const ConfigResource resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  rd_kafka_ConfigResource_t* asked = resource.get();
  JALON_ASSIGN_OR_RETURN(const Event event,
                         Ask(handle, options, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS,
                             [&](const rd_kafka_AdminOptions_t* admin, rd_kafka_queue_t* queue) {
                               rd_kafka_DescribeConfigs(handle, &asked, 1, admin, queue);
                             }));
  size_t count = 0;
  const rd_kafka_ConfigResource_t** resources = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  if (count != 1) return std::unexpected(Unreachable(options, RD_KAFKA_RESP_ERR_UNKNOWN));
  if (const auto error = rd_kafka_ConfigResource_error(resources[0])) {
    return std::unexpected(Unreachable(options, error));
  }
  std::map<std::string, std::string> config;
  const rd_kafka_ConfigEntry_t** entries = rd_kafka_ConfigResource_configs(resources[0], &count);
  for (size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    config[rd_kafka_ConfigEntry_name(entries[i])] = value == nullptr ? "" : value;
  }
  return config;
}

}  // namespace

Durability DurabilityOf(const KafkaOptions& options) {
  return options.unsafe_single_broker ? Durability{.copies = 1, .in_sync_min = 1} : Durability{};
}

NewTopicSpec LastingTopic(std::string name, uint32_t partitions) {
  return {std::move(name), partitions, {kLasting.begin(), kLasting.end()}};
}

NewTopicSpec OwnersTopicSpec(const KafkaOptions& options) {
  return {OwnersTopic(options), 1, {{"cleanup.policy", "compact"}, {"retention.ms", "3600000"}}};
}

Result<void> CreateTopic(rd_kafka_t* handle, const KafkaOptions& options,
                         const NewTopicSpec& spec) {
  const Durability durability = DurabilityOf(options);
  std::array<char, kErrorBytes> text;
  const NewTopic topic(rd_kafka_NewTopic_new(spec.name.c_str(), static_cast<int>(spec.partitions),
                                             durability.copies, text.data(), text.size()));
  if (topic == nullptr) {
    return Fail(Code::kInvalidArgument, "CONFIG_INVALID",
                fmt::format("topic {}: {}; choose another prefix", spec.name, text.data()));
  }
  rd_kafka_NewTopic_set_config(topic.get(), "min.insync.replicas",
                               std::to_string(durability.in_sync_min).c_str());
  for (const auto& [name, value] : spec.settings) {
    rd_kafka_NewTopic_set_config(topic.get(), name, value.c_str());
  }
  rd_kafka_NewTopic_t* asked = topic.get();
  JALON_ASSIGN_OR_RETURN(const Event event,
                         Ask(handle, options, RD_KAFKA_ADMIN_OP_CREATETOPICS,
                             [&](const rd_kafka_AdminOptions_t* admin, rd_kafka_queue_t* queue) {
                               rd_kafka_CreateTopics(handle, &asked, 1, admin, queue);
                             }));
  size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    const auto error = rd_kafka_topic_result_error(results[i]);
    if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      return Fail(Code::kAlreadyExists, "LOG_EXISTS",
                  fmt::format("topic {} is there already; choose another prefix", spec.name));
    }
    if (error == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR) {
      return Fail(Code::kFailedPrecondition, "LOG_MISCONFIGURED",
                  fmt::format("the log wants {} brokers, for as many copies; start them, or accept "
                              "one copy with --unsafe-single-broker",
                              durability.copies));
    }
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const char* why = rd_kafka_topic_result_error_string(results[i]);
      return Fail(Code::kFailedPrecondition, "LOG_MISCONFIGURED",
                  fmt::format("topic {} was not made: {}; correct that, and run it again",
                              spec.name, why == nullptr ? rd_kafka_err2str(error) : why));
    }
  }
  return {};
}

KafkaOptions Patient(KafkaOptions options) {
  options.patience = std::max(options.patience, kNewTopicPatience);
  return options;
}

Result<size_t> AwaitLeaders(rd_kafka_t* handle, rd_kafka_topic_t* topic,
                            const KafkaOptions& options) {
  const auto last = std::chrono::steady_clock::now() + options.patience;
  while (true) {
    const auto replicas = ReadReplicas(handle, topic, options);
    if (replicas && !replicas->empty() &&
        std::ranges::all_of(*replicas, [](const Replicas& each) { return each.leader >= 0; })) {
      return replicas->size();
    }
    if (std::chrono::steady_clock::now() > last) {
      if (!replicas) return std::unexpected(replicas.error());
      return std::unexpected(Unreachable(options, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE));
    }
    std::this_thread::sleep_for(kAskAgain);
  }
}

Result<Durability> CheckTopic(rd_kafka_t* handle, const KafkaOptions& options,
                              const std::string& name, const std::vector<Replicas>& replicas) {
  JALON_ASSIGN_OR_RETURN(auto config, ReadConfig(handle, options, name));
  for (const auto& [setting, must] : kLasting) {
    if (config[setting] != must) return Misconfigured(name, setting, config[setting], must);
  }
  const Durability least = DurabilityOf(options);
  const int in_sync = std::atoi(config["min.insync.replicas"].c_str());
  if (in_sync < least.in_sync_min) {
    return Misconfigured(name, "min.insync.replicas", std::to_string(in_sync),
                         fmt::format("{} or more", least.in_sync_min));
  }
  int copies = replicas.empty() ? 0 : replicas[0].copies;
  for (const Replicas& partition : replicas) copies = std::min(copies, partition.copies);
  if (copies < least.copies) {
    return Misconfigured(name, "the number of copies", std::to_string(copies),
                         fmt::format("{} or more", least.copies));
  }
  return Durability{copies, in_sync};
}

}  // namespace jalon::eventstore::kafka
