// How a log on Kafka is reached, and its limits.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "eventstore/base/limits.h"
#include "eventstore/base/result.h"

namespace jalon::eventstore {

struct KafkaOptions {
  std::string brokers;           // "host:port,host:port"
  std::string prefix = "jalon";  // of this deployment's topics: "jalon.log.v1"
  // Accepts fewer than three copies, and a record that only one broker holds.
  bool unsafe_single_broker = false;

  // What a broker is given to answer; then UNAVAILABLE.
  std::chrono::milliseconds patience{5000};
  // How long a record may be on its way. Longer than limits::kStall: a leader change must not fail
  // what the producer's own retry would still bring there.
  std::chrono::milliseconds delivery{8000};
  // How long a partition must be shorter than what was read of it before that is called a loss: a
  // broker that was paused believes for a moment that it leads still, and knows less.
  std::chrono::milliseconds confirmation{10'000};
  std::chrono::milliseconds watch_interval{1000};  // between two looks at leaders and replicas

  size_t ring_entries_max = limits::kRingEntriesMax;
  size_t ring_bytes_max = limits::kRingBytesMax;

  // What librdkafka has to say, a line each, from any thread. Never a record's bytes.
  std::function<void(const std::string& line)> on_trouble = {};
  // Of an open log: that brokers which it needs do not answer, and that all do again. From any
  // thread, each once and in order; must not call back.
  std::function<void(const std::optional<Error>& away)> on_reach = {};
};

}  // namespace jalon::eventstore
