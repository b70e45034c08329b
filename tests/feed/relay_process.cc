// A relay alone, as a process that a test kills: relay_process kafka://HOST:PORT/PREFIX
#include <fmt/format.h>

#include <csignal>
#include <thread>

#include "eventstore/base/clock.h"
#include "eventstore/log/kafka/kafka_log.h"
#include "eventstore/outlet/kafka/kafka_outlet.h"
#include "projections/feed/relay.h"
#include "services/node/kafka_address.h"

namespace jalon {
namespace {

Result<void> Run(const std::string& address) {
  JALON_ASSIGN_OR_RETURN(eventstore::KafkaOptions options, node::ReadKafkaAddress(address));
  options.unsafe_single_broker = true;
  options.on_trouble = [](const std::string& line) { fmt::print(stderr, "kafka: {}\n", line); };
  JALON_ASSIGN_OR_RETURN(const auto log, eventstore::KafkaLog::Open(options));
  JALON_ASSIGN_OR_RETURN(const auto outlet,
                         eventstore::KafkaOutlet::Open(options, log->birth().partition_count));
  projections::Relay relay(*log, *outlet, log->birth(), [] {});
  const SystemClock clock;
  bool told = false;
  while (!relay.status().fault) {
    if (!relay.Step(clock.Monotonic())) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (relay.status().running && !told) {
      told = true;
      fmt::print("resumed {}\n", relay.status().resumed);
      std::fflush(stdout);
    }
  }
  return std::unexpected(*relay.status().fault);
}

}  // namespace
}  // namespace jalon

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto ended = jalon::Run(argv[1]);
  fmt::print(stderr, "{}\n", ended.error().message);
  return 1;
}
