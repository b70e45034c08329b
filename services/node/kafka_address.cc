#include "services/node/kafka_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "eventstore/base/clock.h"
#include "eventstore/base/random.h"
#include "eventstore/log/genesis.h"
#include "eventstore/log/kafka/kafka_log.h"
#include "eventstore/outlet/kafka/kafka_outlet.h"
#include "services/node/json_log.h"

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

Result<eventstore::KafkaOptions> KafkaOf(const Config& config) {
  JALON_ASSIGN_OR_RETURN(eventstore::KafkaOptions options, ReadKafkaAddress(config.log));
  options.unsafe_single_broker = config.unsafe_single_broker;
  options.on_trouble = [](const std::string& line) {
    Log(Level::kWarning, "kafka", {{"said", line}});
  };
  return options;
}

Result<void> InitLog(const cli::LogBirth& wanted) {
  JALON_ASSIGN_OR_RETURN(eventstore::KafkaOptions options, ReadKafkaAddress(wanted.address));
  options.unsafe_single_broker = wanted.unsafe_single_broker;
  const Result<void> made =
      eventstore::KafkaLog::Create(options, {.cluster_id = RandomBytes(kIdBytes),
                                             .log_incarnation = RandomBytes(kIdBytes),
                                             .partition_count = wanted.partitions,
                                             .virtual_clock = wanted.virtual_clock,
                                             .began_at = eventstore::BeganNow(SystemClock()),
                                             .system_partition = true});
  if (!made && made.error().code != Code::kAlreadyExists) return made;
  JALON_ASSIGN_OR_RETURN(const auto log, eventstore::KafkaLog::Open(options));
  const Result<void> fed = eventstore::KafkaOutlet::Create(options, log->birth().partition_count);
  return !fed && fed.error().code == Code::kAlreadyExists ? made : fed;
}

}  // namespace jalon::node
