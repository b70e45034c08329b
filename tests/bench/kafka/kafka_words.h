// What every program of this folder is told: --brokers HOST:PORT,... of the Kafka it runs on, and
// --jalon PROGRAM.
#pragma once

#include <string>
#include <utility>

#include "eventstore/log/kafka/options.h"
#include "tests/bench/words.h"

namespace jalon::bench {

// Where a log is, or is to be.
struct Place {
  std::string brokers;
  std::string name;  // of the log: the prefix of its topics

  // What nodes are told.
  std::string Address() const { return "kafka://" + brokers + "/" + name; }
  eventstore::KafkaOptions Options() const {
    eventstore::KafkaOptions options;
    options.brokers = brokers;
    options.prefix = name;
    options.unsafe_single_broker = true;
    return options;
  }
};

// For a log of its own.
inline Place PlaceOf(const Words& given, std::string name) {
  return {given.Text("--brokers", "127.0.0.1:9092"), std::move(name)};
}

inline std::string JalonOf(const Words& given) {
  return given.Text("--jalon", "build/release/services/node/jalon");
}

}  // namespace jalon::bench
