// The log that `--log` names, where it is not the embedded one.
#pragma once

#include <string>

#include "eventstore/base/result.h"
#include "eventstore/log/kafka/options.h"
#include "services/cli/wiring.h"
#include "services/node/config.h"

namespace jalon::node {

// Whether it is meant as one, rather than as a data folder.
bool IsKafkaAddress(const std::string& text);

// "kafka://HOST:PORT[,HOST:PORT…]/PREFIX". INVALID_ARGUMENT CONFIG_INVALID if it is none.
Result<eventstore::KafkaOptions> ReadKafkaAddress(const std::string& address);

// How a node reaches the log that its configuration names; what librdkafka says goes to the node's
// own log.
Result<eventstore::KafkaOptions> KafkaOf(const Config& config);

// What `jalon log init` does: a new log on Kafka, with a genesis in each partition, and the topic
// of the public feed. Makes what is missing; LOG_EXISTS if nothing is.
Result<void> InitLog(const cli::LogBirth& wanted);

}  // namespace jalon::node
