// The scenarios through gRPC, on a server with the log on disk or on a real Kafka:
//
//   served_scenarios_test --jalon=PROGRAM --folder=FOLDER [--kafka] [--filter=TEXT]
//                         [--coverage=FILE]
#include <string_view>

#include "eventstore/log/kafka/broker_testing.h"
#include "tests/scenarios/runner/runner.h"
#include "tests/scenarios/runner/scenario_servers.h"

int main(int argc, char** argv) {
  const auto servers = jalon::scenarios::ScenarioServers::Make(argc, argv);
  if (servers == nullptr) return 2;
  for (int i = 1; i < argc; ++i) {
    if (argv[i] != std::string_view("--kafka")) continue;
    servers->OnKafka(jalon::eventstore::testing::Brokers::Shared().addresses());
  }
  const int failed = jalon::scenarios::RunScenarios(
      argc, argv, "served", [&servers](jalon::Micros start) { return servers->NewWorld(start); });
  return servers->Stop() ? failed : 1;
}
