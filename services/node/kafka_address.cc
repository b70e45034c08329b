#include "services/node/kafka_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "eventstore/base/random.h"
#include "eventstore/log/kafka/kafka_log.h"

namespace jalon::node {
namespace {

constexpr std::string_view kScheme = "kafka://";
constexpr size_t kIdBytes = 16;
constexpr size_t kPrefixBytesMax = 200;  // Kafka's names have 249 at most

// What Kafka takes in a topic's name.
bool IsPrefix(std::string_view text) {
  return !text.empty() && text.size() <= kPrefixBytesMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-';
  });
}

}  // namespace

bool IsKafkaAddress(const std::string& text) { return text.starts_with(kScheme); }

Result<eventstore::KafkaOptions> ReadKafkaAddress(const std::string& address) {
  const size_t slash = address.find('/', kScheme.size());
  if (!address.starts_with(kScheme) || slash == std::string::npos || slash == kScheme.size() ||
      !IsPrefix(std::string_view(address).substr(slash + 1))) {
    return Fail(Code::kInvalidArgument, "CONFIG_INVALID",
                fmt::format("{}: the address of a log is kafka://HOST:PORT,…/PREFIX, such as "
                            "kafka://127.0.0.1:9092/jalon",
                            address));
  }
  eventstore::KafkaOptions options;
  options.brokers = address.substr(kScheme.size(), slash - kScheme.size());
  options.prefix = address.substr(slash + 1);
  return options;
}

Result<void> InitLog(const cli::LogBirth& wanted) {
  JALON_ASSIGN_OR_RETURN(eventstore::KafkaOptions options, ReadKafkaAddress(wanted.address));
  options.unsafe_single_broker = wanted.unsafe_single_broker;
  return eventstore::KafkaLog::Create(options, {.cluster_id = RandomBytes(kIdBytes),
                                                .log_incarnation = RandomBytes(kIdBytes),
                                                .partition_count = wanted.partitions,
                                                .virtual_clock = wanted.virtual_clock,
                                                .system_partition = true});
}

}  // namespace jalon::node
