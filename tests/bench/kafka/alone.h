// One node that is alone on a log on Kafka, born with a virtual clock: what the embedded server of
// the other benchmarks is there.
#pragma once

#include <string>

#include "deploy/demo/jalon.h"
#include "tests/bench/kafka/kafka_words.h"

namespace jalon::bench {

class Alone {
 public:
  // `folder` gets its data folder; `log` must not exist yet.
  Alone(std::string program, const std::string& folder, Place log);

  // Makes the log, and serves. False if not, which is said on stderr.
  bool Start();
  demo::Jalon& node() { return node_; }
  const Place& log() const { return log_; }

 private:
  const Place log_;
  demo::Jalon node_;
};

}  // namespace jalon::bench
